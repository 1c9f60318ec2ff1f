"""Stands where the in-sandbox worker stands: runs the Python it is sent and says what came of it.

A request is ``{"run": SOURCE}``; the answer is the JSON of the name ``result`` that SOURCE leaves.
"""

import argparse
import json
import sys

parser = argparse.ArgumentParser()
for place in ("base", "work", "tools"):
    parser.add_argument("--" + place, required=True)
places = vars(parser.parse_args())
sys.path.append(places["tools"] + "/site")
for line in sys.stdin:
    names = dict(places, result=None)
    try:
        exec(json.loads(line)["run"], names)
        answer = {"result": names["result"]}
    except Exception as error:  # noqa: BLE001 - whatever the source did is the answer
        answer = {"error": type(error).__name__ + ": " + str(error)}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
