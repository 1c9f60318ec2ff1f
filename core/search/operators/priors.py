"""How often each kind of change repairs real bugs: the weight that orders mutants before any is run.

The order follows counts of small human fixes and of the templates that repair tools profit from:

- K. Pan, S. Kim, E. J. Whitehead Jr., "Toward an understanding of bug fix patterns", Empirical
  Software Engineering 14 (2009), section 4: changed call arguments, conditions and assigned
  expressions lead in every project.
- D. Kim et al., "Automatic patch generation learned from human-written patches" (PAR), ICSE 2013,
  section 3: argument, callee, condition and initial-value templates.
- K. Liu et al., "TBar: revisiting template-based automated program repair", ISSTA 2019, section 2:
  the templates below, and which of them bring correct patches.
- R.-M. Karampatsis, C. Sutton, "How often do single-statement bugs occur? The ManySStuBs4J
  dataset", MSR 2020, section 4: wrong identifier, literal and callee first, then operators.

The figures are ranks on a scale of 0..1, not probabilities; they are not fitted to any benchmark.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

PRIORS: Final = MappingProxyType(
    {
        "comparison": 1.0,
        "operator": 0.95,
        "argument_swap": 0.95,
        "variable": 0.9,
        "attribute": 0.85,
        "off_by_one": 0.85,
        "unwrap": 0.85,
        "callee": 0.8,
        "logic": 0.8,
        "constant": 0.75,
        "bound": 0.7,
        "negation": 0.7,
        "operand_swap": 0.65,
        "operand_drop": 0.6,
        "result": 0.7,
        "generator": 0.7,
        "assignment": 0.6,
        "null_check": 0.65,
        "condition_extension": 0.5,
        "condition_drop": 0.5,
        "boundary": 0.5,
        "guard": 0.5,
        "missing_self": 0.8,
        "deletion": 0.5,
        "move": 0.5,
        "jump": 0.35,
        "unguard": 0.4,
        "wrap": 0.35,
        "argument_drop": 0.3,
        "reuse": 0.35,
        "arithmetic_extension": 0.35,
        "insertion": 0.3,
        "loop": 0.4,
    }
)

HIGHEST: Final = max(PRIORS.values())
