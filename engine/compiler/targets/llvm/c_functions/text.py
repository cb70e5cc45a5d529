"""The text of the C functions `run` and `call` in LLVM's assembly language."""

from __future__ import annotations

from engine.compiler.targets.llvm.c_functions.call import CALL
from engine.compiler.targets.llvm.c_functions.record import field_address, load_fields, object_address

METH_NOARGS, METH_FASTCALL = 0x0004, 0x0080
BUSY = "the program is running in another thread: each thread needs a copy of its own, copy.copy(program)"

DECLARATIONS = {
    "Py_IncRef": "void (ptr)",
    "Py_DecRef": "void (ptr)",
    "PyBuffer_Release": "void (ptr)",
    "PyCapsule_GetContext": "ptr (ptr)",
    "PyCapsule_GetPointer": "ptr (ptr, ptr)",
    "PyErr_Clear": "void ()",
    "PyErr_SetString": "void (ptr, ptr)",
    "PyEval_SaveThread": "ptr ()",
    "PyEval_RestoreThread": "void (ptr)",
    "PyFloat_AsDouble": "double (ptr)",
    "PyFloat_FromDouble": "ptr (double)",
    "PyList_GetItem": "ptr (ptr, i64)",
    "PyList_New": "ptr (i64)",
    "PyList_SetItem": "i32 (ptr, i64, ptr)",
    "PyList_Size": "i64 (ptr)",
    "PyObject_CallObject": "ptr (ptr, ptr)",
    "PyObject_GetBuffer": "i32 (ptr, ptr, i32)",
    "PyObject_Type": "ptr (ptr)",
    "PyTuple_New": "ptr (i64)",
    "PyTuple_SetItem": "i32 (ptr, i64, ptr)",
}


def generate() -> str:
    """The module in LLVM's assembly language."""
    declarations = [f"declare {type.replace(' ', f' @{name}', 1)}" for name, type in DECLARATIONS.items()]
    methods = [
        _method("run", METH_NOARGS, "run()\n--\n\nCompute in place at `x`, and return the value."),
        _method(
            "call", METH_FASTCALL, "The results at arrays of float64, lists of floats, and floats, else NotImplemented."
        ),
    ]
    return "\n".join([*declarations, _string("busy", BUSY), *methods, _RELEASE, _COMPUTE, _RUN, CALL])


def _string(name: str, text: str) -> str:
    """The definition of a constant string."""
    data = text.encode() + b"\0"
    escaped = "".join(f"\\{byte:02X}" for byte in data)
    return f'@{name} = internal constant [{len(data)} x i8] c"{escaped}"'


def _method(name: str, flags: int, doc: str) -> str:
    """The definition of the `PyMethodDef` of a function."""
    fields = f"ptr @{name}_name, ptr @{name}, i32 {flags}, ptr @{name}_doc"
    definition = f"@{name}_method = global {{ ptr, ptr, i32, ptr }} {{ {fields} }}"
    return "\n".join([_string(f"{name}_name", name), _string(f"{name}_doc", doc), definition])


_RELEASE = """
define void @release(ptr %capsule) {
  %owned = call ptr @PyCapsule_GetContext(ptr %capsule)
  call void @Py_DecRef(ptr %owned)
  ret void
}
"""

# `begin` is whether nobody computes with the record now; else the error is set. A process that was forked meanwhile
# does not have the thread that did.
_COMPUTE = f"""
declare i32 @pathgrad_getpid()
define internal i64 @this_process() {{
  %pid = call i32 @pathgrad_getpid()
  %extended = zext i32 %pid to i64
  ret i64 %extended
}}
define internal i1 @begin(ptr %record) {{
{load_fields("running_in")}
  %is_running = icmp ne i64 %running_in, 0
  br i1 %is_running, label %running, label %free
running:
  %this = call i64 @this_process()
  %is_busy = icmp eq i64 %running_in, %this
  br i1 %is_busy, label %busy, label %free
busy:
  call void @PyErr_SetString(ptr {object_address(RuntimeError)}, ptr @busy)
  ret i1 false
free:
  ret i1 true
}}
define internal void @compute(ptr %record) {{
{load_fields("compute_uniform", "process_slots", "parameters", "uniform", "slots", "is_long")}
  {field_address("running_in")}
  %releases = icmp ne i64 %is_long, 0
  br i1 %releases, label %release, label %start
release:
  %this = call i64 @this_process()
  store i64 %this, ptr %running_in_at
  %thread = call ptr @PyEval_SaveThread()
  br label %start
start:
  %saved = phi ptr [ null, %0 ], [ %thread, %release ]
  call void %compute_uniform(ptr %parameters, ptr %uniform)
  call void %process_slots(i64 1, ptr %uniform, ptr %slots, ptr null)
  br i1 %releases, label %acquire, label %done
acquire:
  call void @PyEval_RestoreThread(ptr %saved)
  store i64 0, ptr %running_in_at
  br label %done
done:
  ret void
}}
"""

_RUN = f"""
define ptr @run(ptr %capsule, ptr %none) {{
  %record = call ptr @PyCapsule_GetPointer(ptr %capsule, ptr null)
  %may = call i1 @begin(ptr %record)
  br i1 %may, label %free, label %failed
free:
  call void @compute(ptr %record)
{load_fields("answer", "results")}
  %has_answer = icmp ne ptr %answer, null
  br i1 %has_answer, label %object, label %float
object:
  call void @Py_IncRef(ptr %answer)
  ret ptr %answer
float:
  %value = load double, ptr %results
  %number = call ptr @PyFloat_FromDouble(double %value)
  ret ptr %number
failed:
  ret ptr null
}}
"""
