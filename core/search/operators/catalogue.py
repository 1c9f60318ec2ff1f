"""Every operator, in no order that matters: the weights decide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from core.search.operators import (
    arithmetic,
    calls,
    conditions,
    constants,
    exceptions,
    guards,
    names,
    results,
    reused,
    statements,
    texts,
)
from core.search.operators.base import Mutation, Operator, Site, StatementOperator
from core.search.splice import own_expressions

EXPRESSION_OPERATORS: Final[tuple[Operator, ...]] = (
    conditions.swap_comparison,
    conditions.shift_boundary,
    conditions.swap_logic,
    conditions.negate,
    conditions.check_for_none,
    conditions.extend_condition,
    conditions.extend_with_comparison,
    arithmetic.swap_operator,
    arithmetic.swap_operands,
    arithmetic.drop_operand,
    arithmetic.off_by_one,
    arithmetic.negate_number,
    arithmetic.change_slice,
    arithmetic.change_range,
    arithmetic.extend_arithmetic,
    constants.change_number,
    constants.change_infinity,
    constants.change_singleton,
    constants.change_collection,
    names.swap_type,
    names.swap_variable,
    names.swap_attribute,
    names.add_self,
    names.reuse_expression,
    calls.swap_arguments,
    calls.unwrap_call,
    calls.wrap_in_call,
    calls.change_callee,
    calls.drop_argument,
    calls.change_iterable,
    calls.add_method_call,
    calls.swap_in_a_chain,
    reused.pass_keyword,
    exceptions.change_caught,
    exceptions.change_raised,
    texts.change_text,
    results.extend_collection,
    results.limit_operand,
    results.change_yield,
)
STATEMENT_OPERATORS: Final[tuple[StatementOperator, ...]] = (
    arithmetic.swap_augmented,
    results.change_return,
    results.limit_value,
    results.swap_return_and_yield,
    statements.delete_statement,
    statements.move_statement,
    statements.change_jump,
    statements.remove_guard,
    statements.add_guard,
    statements.insert_statement,
    reused.insert_donor,
    reused.insert_guard,
    reused.only_under_a_condition,
    guards.repeat_guard,
    guards.return_what_is_unread,
    guards.keep_what_runs_out,
    exceptions.change_handling,
)


def mutations_of(site: Site) -> Iterator[Mutation]:
    """All first-order mutations of one statement; some may not parse and some may be alike."""
    for statement_operator in STATEMENT_OPERATORS:
        yield from statement_operator(site)
    for node in own_expressions(site.statement):
        for operator in EXPRESSION_OPERATORS:
            yield from operator(site, node)
