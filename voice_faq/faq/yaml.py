"""ruamel.yaml with one kind of error: what it cannot make a value of is told as its mistakes are, with the place."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError, RoundTripConstructor, SafeConstructor
from ruamel.yaml.scanner import RoundTripScanner, Scanner, ScannerError

NO_VALUE: Final = "no value can be made of this"
_FAILED: Final = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError)


def round_trip() -> YAML:
    """Keeps places and comments."""
    yaml = YAML()
    yaml.Scanner, yaml.Constructor = _PlacedRoundTripScanner, _PlacedRoundTripConstructor
    return yaml


def safe() -> YAML:
    """Makes plain objects; numbers, dates, true and false are the texts that are written: 010 stays 010."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Scanner, yaml.Constructor = _PlacedScanner, _WrittenConstructor
    return yaml


class _Scanning:
    def scan_flow_scalar_non_spaces(self, double: Any, start_mark: Any) -> Any:
        try:
            return super().scan_flow_scalar_non_spaces(double, start_mark)  # type: ignore[misc]
        except (ValueError, OverflowError):  # no character has that number
            raise ScannerError(None, None, "found unknown escape character", start_mark) from None


class _Constructing:
    def construct_object(self, node: Any, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep=deep)  # type: ignore[misc]
        except _FAILED:  # 4006-66-88 as a date
            raise ConstructorError(None, None, NO_VALUE, node.start_mark) from None

    def construct_document(self, node: Any) -> Any:
        try:
            return super().construct_document(node)  # type: ignore[misc]
        except _FAILED:  # collections are filled when all are there
            raise ConstructorError(None, None, NO_VALUE, node.start_mark) from None


class _PlacedRoundTripScanner(_Scanning, RoundTripScanner):
    pass


class _PlacedScanner(_Scanning, Scanner):
    pass


class _PlacedRoundTripConstructor(_Constructing, RoundTripConstructor):
    pass


class _PlacedConstructor(_Constructing, SafeConstructor):
    pass


class _WrittenConstructor(_PlacedConstructor):
    def construct_object(self, node: Any, deep: bool = False) -> Any:
        made = super().construct_object(node, deep=deep)
        return node.value if isinstance(made, bool | int | float | date) else made
