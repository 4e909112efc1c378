"""How much memory a value holds, roughly: arrays and texts, in whatever they are kept."""

import sys
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

_WEIGH_NOTHING = (type, ModuleType, FunctionType, BuiltinFunctionType, MethodType)


def held_bytes(value: Any) -> int:
    """Count the bytes of a value and of all that it refers to, each object once; an array's memory counts whole."""
    seen: set[int] = set()
    found, left = 0, [value]
    while left:
        one = left.pop()
        if isinstance(one, _WEIGH_NOTHING) or id(one) in seen:
            continue
        seen.add(id(one))
        if hasattr(one, "nbytes") and hasattr(one, "dtype"):
            owner = one
            while getattr(owner, "base", None) is not None and hasattr(owner.base, "nbytes"):
                owner = owner.base
            if owner is one or id(owner) not in seen:
                seen.add(id(owner))
                found += int(owner.nbytes)
            continue
        found += sys.getsizeof(one, 0)
        if isinstance(one, dict):
            left += [*one.keys(), *one.values()]
        elif isinstance(one, (list, tuple, set, frozenset)):
            left += one
        elif not isinstance(one, (str, bytes, bytearray, int, float, complex)):
            left += vars(one).values() if hasattr(one, "__dict__") else ()
            for kind in type(one).__mro__:
                names = getattr(kind, "__slots__", ())
                names = (names,) if isinstance(names, str) else names
                left += [getattr(one, name) for name in names if hasattr(one, name)]
    return found
