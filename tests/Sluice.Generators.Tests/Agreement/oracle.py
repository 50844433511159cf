"""Validates JSON against schemas by python3-jsonschema's Draft 2020-12, with the grammar of docs/parameters.md asserted for each format.

Reads a line with a JSON array of schemas, then lines "<index of the schema> <JSON value>"; answers each with "1" or "0 <why>".
Numbers are read exactly.
"""
import datetime
import json
import re
import sys
from decimal import Decimal

from jsonschema import Draft202012Validator, FormatChecker, validators

sys.set_int_max_str_digits(0)

CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]+)?)?"
OFFSET = r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)?"
COUNT = r"[0-9]+(?:[.,][0-9]+)?"
GRAMMAR = {
    "date-time": rf"[0-9]{{4}}-[0-9][0-9]-[0-9][0-9][Tt ]{CLOCK}{OFFSET}",
    "date": r"[0-9]{4}-[0-9][0-9]-[0-9][0-9]",
    "time": CLOCK + OFFSET,
    "duration": rf"[+-]?(?:P(?=[0-9T])(?:{COUNT}Y)?(?:{COUNT}M)?(?:{COUNT}W)?(?:{COUNT}D)?(?:T(?=[0-9])(?:{COUNT}H)?(?:{COUNT}M)?(?:{COUNT}S)?)?"
                r"|(?:[0-9]+\.)?(?:[01]?[0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:[.,][0-9]+)?)",
    "uuid": r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
    "uri": r'[^\x00-\x20"<>\\^`{|}\x7f-\xa0]*',
    "email": r"[^@\r\n]+@[^@\r\n]+",
}


def is_day(text):
    try:
        datetime.date(int(text[0:4]), int(text[5:7]), int(text[8:10]))
        return True
    except ValueError:
        return False


formats = FormatChecker(formats=())
for name, grammar in GRAMMAR.items():
    def check(value, pattern=re.compile(grammar), dated=name in ("date", "date-time")):
        return not isinstance(value, str) or (pattern.fullmatch(value) is not None and (not dated or is_day(value)))
    formats.checks(name)(check)


def is_number(_, value):
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def is_integer(checker, value):
    return is_number(checker, value) and (isinstance(value, int) or value == value.to_integral_value())


Validator = validators.extend(Draft202012Validator, type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many({"number": is_number, "integer": is_integer}))


def main():
    lines = (line.decode("utf-8") for line in sys.stdin.buffer)
    all_validators = []
    for schema in json.loads(next(lines), parse_float=Decimal):
        Draft202012Validator.check_schema(json.loads(json.dumps(schema, default=float)))
        all_validators.append(Validator(schema, format_checker=formats))
    for line in lines:
        index, value = line.split(" ", 1)
        error = next(all_validators[int(index)].iter_errors(json.loads(value, parse_float=Decimal)), None)
        print("1" if error is None else "0 " + " ".join(error.message.split())[:200])
    sys.stdout.flush()


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    main()
