"""Running generated JavaScript in Node: one process, to which modules and calls are sent."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any

import pytest

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="needs Node, a program that runs JavaScript")

# Numbers that JSON lacks are sent as texts. A call is the name of a function and its arguments.
RUNNER = """
import { createInterface } from "node:readline";
const isPlain = (x) => Number.isFinite(x) && !Object.is(x, -0);
const encode = (key, x) => (typeof x !== "number" || isPlain(x) ? x : { number: Object.is(x, -0) ? "-0" : String(x) });
const decode = (key, x) => (x !== null && typeof x === "object" && "number" in x ? Number(x.number) : x);
for await (const line of createInterface({ input: process.stdin })) {
  const { source, calls } = JSON.parse(line, decode);
  const module = await import("data:text/javascript;base64," + Buffer.from(source).toString("base64"));
  const results = calls.map(([name, ...inputs]) => {
    try {
      return { result: module[name](...inputs) };
    } catch (error) {
      return { error: error.message };
    }
  });
  console.log(JSON.stringify(results, encode));
}
"""


class Node:
    """A process of Node."""

    def __init__(self) -> None:
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "encoding": "utf-8"}
        self.process = subprocess.Popen(["node", "--input-type=module", "-e", RUNNER], **pipes)

    def run(self, source: str, calls: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
        """The result, or the message of the error, of each call of a function of a module."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(_encode({"source": source, "calls": calls})) + "\n")
        self.process.stdin.flush()
        results: list[dict[str, Any]] = json.loads(self.process.stdout.readline(), object_hook=_decode)
        return results

    def __enter__(self) -> Node:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()


def _encode(x: Any) -> Any:
    if isinstance(x, float) and not math.isfinite(x):
        return {"number": repr(x).replace("inf", "Infinity").replace("nan", "NaN")}
    if isinstance(x, dict):
        return {key: _encode(item) for key, item in x.items()}
    return [_encode(item) for item in x] if isinstance(x, (list, tuple)) else x


def _decode(x: dict[str, Any]) -> Any:
    return float(x["number"].replace("Infinity", "inf")) if x.keys() == {"number"} else x
