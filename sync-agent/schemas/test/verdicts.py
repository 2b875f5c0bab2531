"""Judges values by the published schemas with Python's jsonschema: a line in, {"schema": NAME, "value": ...}, and a line out, true or false."""

import json
import os
import sys

from jsonschema import Draft202012Validator

folder = sys.argv[1]
validators = {}


def validator(name):
    if name not in validators:
        with open(os.path.join(folder, name + ".json"), encoding="utf-8") as file:
            schema = json.load(file)
        Draft202012Validator.check_schema(schema)
        validators[name] = Draft202012Validator(schema)
    return validators[name]


for line in sys.stdin.buffer:
    asked = json.loads(line)
    print(json.dumps(validator(asked["schema"]).is_valid(asked["value"])))
