"""Hooks: methods that subclasses override, as async functions or plain ones, and the task that calls them."""

from __future__ import annotations

import contextvars
import inspect

from rustchat.aio import _readiness

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from rustchat.aio._readiness import Loop, Task

_inside: contextvars.ContextVar[object] = contextvars.ContextVar("rustchat.aio.inside", default=None)


def is_overridden(base: type, owner: object, hook: str) -> bool:
    """Whether an object has a hook of its own in the place of the base class's: a method, or what was assigned to
    it."""
    return getattr(type(owner), hook) is not getattr(base, hook) or hook in getattr(owner, "__dict__", {})


async def call(owner: object, hook: str, *arguments: object) -> Any:
    """Calls a hook, and awaits what it returns if that is to be awaited."""
    answer = getattr(owner, hook)(*arguments)
    return await answer if inspect.isawaitable(answer) else answer


async def tell(owner: object, hook: str, *arguments: object) -> None:
    """Calls a hook whose answer nobody wants. What it raises is logged."""
    try:
        await call(owner, hook, *arguments)
    except Exception:
        _readiness.failed(f"{hook}()")


def is_inside(owner: object) -> bool:
    """Whether one of this object's hooks calls."""
    return _inside.get() is owner


def start(loop: Loop, owner: object, run: Callable[[], Coroutine[Any, Any, None]]) -> Task:
    """The task that calls an object's hooks."""

    async def calling() -> None:
        _inside.set(owner)
        await run()

    return loop.spawn(calling)
