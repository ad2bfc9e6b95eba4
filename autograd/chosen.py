"""Value of the engine in use, complete: what everything that is not part of an engine imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd import compat, engine, operators, value

operators.attach(value.Value)

if TYPE_CHECKING or not engine.native:
    from autograd.value import Value as Value
else:
    from autograd.native import bind

    Value = bind(engine.native, value.Value)

compat.attach(Value)
