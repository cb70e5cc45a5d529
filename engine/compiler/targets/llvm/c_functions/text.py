"""The text of the C functions `run` and `call` in LLVM's assembly language, and the record that they read."""

from __future__ import annotations

METH_NOARGS, METH_FASTCALL = 0x0004, 0x0080
PYBUF_WRITABLE, PYBUF_FORMAT, PYBUF_ND = 0x0001, 0x0004, 0x0008
BUSY = "the program is running in another thread: each thread compiles a program of its own"

# The fields of a record, of eight bytes each, and their types.
FIELDS = {
    "compute_uniform": "ptr",  # functions of a kernel, and their memory
    "process_slots": "ptr",
    "parameters": "ptr",
    "uniform": "ptr",
    "slots": "ptr",
    "results": "ptr",
    "is_long": "i64",  # whether Python's lock is released meanwhile
    "running_in": "i64",  # the process in which a thread runs the kernel without the lock; 0 if none does
    "answer": "ptr",  # of `run`: an object; null for the first result as a float
    "size": "i64",  # of `call`: the bytes of the inputs,
    "array_type": "ptr",  # numpy.ndarray,
    "has_value": "i64",  # whether the first result is returned as a float
    "new_array": "ptr",  # numpy.empty or zeros; null if no array is returned
    "arguments": "ptr",  # the tuple of its argument, the shape
    "first": "ptr",  # the results that are in the array,
    "n": "i64",  # how many there are,
    "places": "ptr",  # and the place of each; null for the order of the results
    "sources": "ptr",  # the k-th of the places has this result
}


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
    "PyFloat_FromDouble": "ptr (double)",
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
        _method("call", METH_FASTCALL, "The results at an array of NumPy; NotImplemented for other arguments."),
    ]
    return "\n".join([*declarations, _string("busy", BUSY), *methods, _RELEASE, _COMPUTE, _RUN, _CALL])


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


def _address(field: str) -> str:
    return f"%{field}_at = getelementptr i64, ptr %record, i64 {list(FIELDS).index(field)}"


def _load(*fields: str) -> str:
    """Instructions that load fields of a record into registers of their names."""
    lines = (f"  {_address(field)}\n  %{field} = load {FIELDS[field]}, ptr %{field}_at" for field in fields)
    return "\n".join(lines)


def _object(it: object) -> str:
    """The address of an object that lives as long as Python."""
    return f"inttoptr (i64 {id(it)} to ptr)"


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
{_load("running_in")}
  %is_running = icmp ne i64 %running_in, 0
  br i1 %is_running, label %running, label %free
running:
  %this = call i64 @this_process()
  %is_busy = icmp eq i64 %running_in, %this
  br i1 %is_busy, label %busy, label %free
busy:
  call void @PyErr_SetString(ptr {_object(RuntimeError)}, ptr @busy)
  ret i1 false
free:
  ret i1 true
}}
define internal void @compute(ptr %record) {{
{_load("compute_uniform", "process_slots", "parameters", "uniform", "slots", "is_long")}
  {_address("running_in")}
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
{_load("answer", "results")}
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

# The new array is made before the inputs are copied: from then on, nothing may run Python code, such as a finalizer,
# that could call the function again. To release or to decrement null does nothing.
_CALL = f"""
%Buffer = type {{ ptr, ptr, i64, i64, i32, i32, ptr, ptr, ptr, ptr, ptr }}
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
define internal i1 @view(ptr %record, ptr %x, ptr %view) {{
{_load("array_type", "size")}
  %type = call ptr @PyObject_Type(ptr %x)
  call void @Py_DecRef(ptr %type)
  %is_array = icmp eq ptr %type, %array_type
  br i1 %is_array, label %array, label %no
array:
  %error = call i32 @PyObject_GetBuffer(ptr %x, ptr %view, i32 {PYBUF_FORMAT | PYBUF_ND})
  %is_contiguous = icmp eq i32 %error, 0
  br i1 %is_contiguous, label %contiguous, label %no
contiguous:
  %bytes_at = getelementptr %Buffer, ptr %view, i32 0, i32 2
  %bytes = load i64, ptr %bytes_at
  %fits = icmp eq i64 %bytes, %size
  %ndim_at = getelementptr %Buffer, ptr %view, i32 0, i32 5
  %ndim = load i32, ptr %ndim_at
  %is_flat = icmp eq i32 %ndim, 1
  %format_at = getelementptr %Buffer, ptr %view, i32 0, i32 6
  %format = load ptr, ptr %format_at
  %letter = load i8, ptr %format
  %is_d = icmp eq i8 %letter, {ord("d")}
  %fits_flat = and i1 %fits, %is_flat
  %fits_doubles = and i1 %fits_flat, %is_d
  br i1 %fits_doubles, label %yes, label %other
yes:
  ret i1 true
other:
  call void @PyBuffer_Release(ptr %view)
  br label %no
no:
  call void @PyErr_Clear()
  ret i1 false
}}
define internal void @copy_results(ptr %record, ptr %target) {{
{_load("results", "first", "n", "places", "sources")}
  %in_order = icmp eq ptr %places, null
  br i1 %in_order, label %copy, label %head
copy:
  %bytes = mul i64 %n, 8
  call void @llvm.memcpy.p0.p0.i64(ptr %target, ptr %first, i64 %bytes, i1 false)
  ret void
head:
  %k = phi i64 [ 0, %0 ], [ %next, %body ]
  %is_left = icmp slt i64 %k, %n
  br i1 %is_left, label %body, label %done
body:
  %source_at = getelementptr i64, ptr %sources, i64 %k
  %source = load i64, ptr %source_at
  %result_at = getelementptr double, ptr %results, i64 %source
  %result = load double, ptr %result_at
  %place_at = getelementptr i64, ptr %places, i64 %k
  %place = load i64, ptr %place_at
  %entry_at = getelementptr double, ptr %target, i64 %place
  store double %result, ptr %entry_at
  %next = add i64 %k, 1
  br label %head
done:
  ret void
}}
define ptr @call(ptr %capsule, ptr %given, i64 %n_given) {{
  %view = alloca %Buffer
  %new_view = alloca %Buffer
  %record = call ptr @PyCapsule_GetPointer(ptr %capsule, ptr null)
  %is_one = icmp eq i64 %n_given, 1
  br i1 %is_one, label %one, label %decline
one:
  %x = load ptr, ptr %given
  %is_readable = call i1 @view(ptr %record, ptr %x, ptr %view)
  br i1 %is_readable, label %readable, label %decline
decline:
  call void @Py_IncRef(ptr {_object(NotImplemented)})
  ret ptr {_object(NotImplemented)}
readable:
{_load("new_array", "arguments", "slots", "results", "size", "has_value")}
  store %Buffer zeroinitializer, ptr %new_view
  %makes_array = icmp ne ptr %new_array, null
  br i1 %makes_array, label %make, label %enter
make:
  %made = call ptr @PyObject_CallObject(ptr %new_array, ptr %arguments)
  %is_made = icmp ne ptr %made, null
  br i1 %is_made, label %view_new, label %failed
view_new:
  %error = call i32 @PyObject_GetBuffer(ptr %made, ptr %new_view, i32 {PYBUF_WRITABLE})
  %is_viewed = icmp eq i32 %error, 0
  br i1 %is_viewed, label %enter, label %failed
enter:
  %array = phi ptr [ null, %readable ], [ %made, %view_new ]
  %may = call i1 @begin(ptr %record)
  br i1 %may, label %free, label %failed
free:
  %numbers = load ptr, ptr %view
  call void @llvm.memcpy.p0.p0.i64(ptr %slots, ptr %numbers, i64 %size, i1 false)
  call void @PyBuffer_Release(ptr %view)
  call void @compute(ptr %record)
  %value = load double, ptr %results
  br i1 %makes_array, label %fill, label %float
fill:
  %target = load ptr, ptr %new_view
  call void @copy_results(ptr %record, ptr %target)
  call void @PyBuffer_Release(ptr %new_view)
  %is_pair = icmp ne i64 %has_value, 0
  br i1 %is_pair, label %float, label %return_array
return_array:
  ret ptr %array
float:
  %number = call ptr @PyFloat_FromDouble(double %value)
  br i1 %makes_array, label %pair, label %return_float
return_float:
  ret ptr %number
pair:
  %tuple = call ptr @PyTuple_New(i64 2)
  %is_number = icmp ne ptr %number, null
  %is_tuple = icmp ne ptr %tuple, null
  %is_complete = and i1 %is_number, %is_tuple
  br i1 %is_complete, label %return_pair, label %no_memory
return_pair:
  call i32 @PyTuple_SetItem(ptr %tuple, i64 0, ptr %number)
  call i32 @PyTuple_SetItem(ptr %tuple, i64 1, ptr %array)
  ret ptr %tuple
no_memory:
  call void @Py_DecRef(ptr %tuple)
  call void @Py_DecRef(ptr %number)
  call void @Py_DecRef(ptr %array)
  ret ptr null
failed:
  %unused = phi ptr [ null, %make ], [ %made, %view_new ], [ %array, %enter ]
  call void @PyBuffer_Release(ptr %new_view)
  call void @Py_DecRef(ptr %unused)
  call void @PyBuffer_Release(ptr %view)
  ret ptr null
}}
"""
