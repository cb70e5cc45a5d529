"""The text of the functions that read the arguments of a call, and the numbers that tell them what is expected.

For each number of arguments that a program takes, a layout says which shapes they have. It is made of runs: so many
arguments, one after the other, of the same shape.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import groupby
from math import prod

from engine.compiler.calls.arrays import Shape
from engine.compiler.targets.llvm.c_functions.record import load_entry, load_fields, object_address

PYBUF_FORMAT, PYBUF_ND = 0x0004, 0x0008
FLOATS, LISTS, ARRAYS = range(3)  # the kinds of arguments: an array among them, else a list, else neither


def encode(layouts: Iterable[Sequence[Shape]]) -> array[int]:
    """The layouts as integers: of each the number of arguments, its length, its runs, and 0; -1 follows the last.

    A run is the number of arguments, their size, the number of their dimensions, and these.

    >>> encode([[(), (), (2, 3)], [(8,)]]).tolist()
    [3, 11, 2, 1, 0, 1, 6, 2, 2, 3, 0, 1, 7, 1, 8, 1, 8, 0, -1]
    """
    numbers: list[int] = []
    for shapes in layouts:
        runs = [n for shape, run in groupby(shapes) for n in (len([*run]), prod(shape), len(shape), *shape)]
        numbers += [len(shapes), len(runs) + 3, *runs, 0]
    return array("q", [*numbers, -1])


def _for_each_argument(body: str) -> str:
    """Instructions that run `body` for each of %n_given arguments, and then jump to %done.

    It has the %argument, its %run, %size and %ndim, and the first of its slots, %slot; it ends with jumps, which go on
    at %following.
    """
    return f"""
  %first_count = load i64, ptr %runs
  br label %head
head:
  %k = phi i64 [ 0, %0 ], [ %next_k, %following ]
  %run = phi ptr [ %runs, %0 ], [ %next_run, %following ]
  %left = phi i64 [ %first_count, %0 ], [ %next_left, %following ]
  %slot = phi ptr [ %slots, %0 ], [ %next_slot, %following ]
  %is_end = icmp eq i64 %k, %n_given
  br i1 %is_end, label %done, label %body
body:
{load_entry("size", "i64", "run", 1)}
{load_entry("ndim", "i64", "run", 2)}
  %is_number = icmp eq i64 %ndim, 0
{load_entry("argument", "ptr", "given", "%k")}
{body.strip()}
following:
  %next_k = add i64 %k, 1
  %next_slot = getelementptr double, ptr %slot, i64 %size
  %length = add i64 %ndim, 3
  %run_after = getelementptr i64, ptr %run, i64 %length
  %count_after = load i64, ptr %run_after
  %less = sub i64 %left, 1
  %is_last = icmp eq i64 %less, 0
  %next_run = select i1 %is_last, ptr %run_after, ptr %run
  %next_left = select i1 %is_last, i64 %count_after, i64 %less
  br label %head
""".strip()


_OBJECTS = f"""
define internal ptr @type_of(ptr %object) {{
  %type = call ptr @PyObject_Type(ptr %object)
  call void @Py_DecRef(ptr %type)
  ret ptr %type
}}
define internal i1 @read_float(ptr %object, ptr %type, ptr %float_type, ptr %slot) {{
  %is_float = icmp eq ptr %type, {object_address(float)}
  %is_other = icmp eq ptr %type, %float_type
  %is_number = or i1 %is_float, %is_other
  br i1 %is_number, label %store, label %refuse
store:
  %number = call double @PyFloat_AsDouble(ptr %object)
  store double %number, ptr %slot
  ret i1 true
refuse:
  ret i1 false
}}
define internal i1 @read_list(ptr %list, ptr %float_type, ptr %slots, i64 %n) {{
  %length = call i64 @PyList_Size(ptr %list)
  %fits = icmp eq i64 %length, %n
  br i1 %fits, label %head, label %refuse
head:
  %k = phi i64 [ 0, %0 ], [ %next, %following ]
  %is_left = icmp slt i64 %k, %n
  br i1 %is_left, label %body, label %done
body:
  %entry = call ptr @PyList_GetItem(ptr %list, i64 %k)
  %type = call ptr @type_of(ptr %entry)
  %slot = getelementptr double, ptr %slots, i64 %k
  %is_read = call i1 @read_float(ptr %entry, ptr %type, ptr %float_type, ptr %slot)
  br i1 %is_read, label %following, label %refuse
following:
  %next = add i64 %k, 1
  br label %head
done:
  ret i1 true
refuse:
  ret i1 false
}}
"""

# An array fits if it has the shape of the run, or all its numbers in one dimension.
_ARRAY = f"""
%Buffer = type {{ ptr, ptr, i64, i64, i32, i32, ptr, ptr, ptr, ptr, ptr }}
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
define internal i1 @has_shape(ptr %view, ptr %run) {{
  %given_ndim_at = getelementptr %Buffer, ptr %view, i32 0, i32 5
  %given_ndim = load i32, ptr %given_ndim_at
  %is_flat = icmp eq i32 %given_ndim, 1
  br i1 %is_flat, label %same, label %compare
compare:
{load_entry("ndim", "i64", "run", 2)}
  %long_ndim = sext i32 %given_ndim to i64
  %is_same_ndim = icmp eq i64 %ndim, %long_ndim
  %given_shape_at = getelementptr %Buffer, ptr %view, i32 0, i32 7
  %given_shape = load ptr, ptr %given_shape_at
  %shape = getelementptr i64, ptr %run, i64 3
  br i1 %is_same_ndim, label %head, label %other
head:
  %i = phi i64 [ 0, %compare ], [ %next, %body ]
  %is_left = icmp slt i64 %i, %ndim
  br i1 %is_left, label %body, label %same
body:
{load_entry("given", "i64", "given_shape", "%i")}
{load_entry("wanted", "i64", "shape", "%i")}
  %next = add i64 %i, 1
  %is_equal = icmp eq i64 %given, %wanted
  br i1 %is_equal, label %head, label %other
same:
  ret i1 true
other:
  ret i1 false
}}
define internal i1 @read_array(ptr %array, ptr %run, ptr %slots, i64 %n) {{
  %view = alloca %Buffer
  %error = call i32 @PyObject_GetBuffer(ptr %array, ptr %view, i32 {PYBUF_FORMAT | PYBUF_ND})
  %is_contiguous = icmp eq i32 %error, 0
  br i1 %is_contiguous, label %contiguous, label %strided
contiguous:
  %bytes_at = getelementptr %Buffer, ptr %view, i32 0, i32 2
  %bytes = load i64, ptr %bytes_at
  %size = mul i64 %n, 8
  %fits = icmp eq i64 %bytes, %size
  %format_at = getelementptr %Buffer, ptr %view, i32 0, i32 6
  %format = load ptr, ptr %format_at
  %letter = load i8, ptr %format
  %is_d = icmp eq i8 %letter, {ord("d")}
  %has_shape = call i1 @has_shape(ptr %view, ptr %run)
  %fits_shape = and i1 %fits, %has_shape
  %is_readable = and i1 %fits_shape, %is_d
  br i1 %is_readable, label %copy, label %release
copy:
  %numbers = load ptr, ptr %view
  call void @llvm.memcpy.p0.p0.i64(ptr %slots, ptr %numbers, i64 %size, i1 false)
  br label %release
release:
  call void @PyBuffer_Release(ptr %view)
  ret i1 %is_readable
strided:
  call void @PyErr_Clear()
  ret i1 false
}}
"""

# The runs of the layout for a number of arguments, or null.
_FIND_RUNS = f"""
define internal ptr @find_runs(ptr %layouts, i64 %n_given) {{
  br label %head
head:
  %layout = phi ptr [ %layouts, %0 ], [ %next, %other ]
  %n = load i64, ptr %layout
  %is_end = icmp slt i64 %n, 0
  br i1 %is_end, label %none, label %check
check:
  %fits = icmp eq i64 %n, %n_given
  br i1 %fits, label %found, label %other
other:
{load_entry("length", "i64", "layout", 1)}
  %next = getelementptr i64, ptr %layout, i64 %length
  br label %head
found:
  %runs = getelementptr i64, ptr %layout, i64 2
  ret ptr %runs
none:
  ret ptr null
}}
"""

# The kind of the arguments.
_FIND_KIND = f"""
define internal i64 @find_kind(ptr %runs, ptr %slots, ptr %given, i64 %n_given, ptr %array_type) {{
  %kind = alloca i64
  store i64 {FLOATS}, ptr %kind
{
    _for_each_argument(f'''
  br i1 %is_number, label %following, label %look
look:
  %type = call ptr @type_of(ptr %argument)
  %is_array = icmp eq ptr %type, %array_type
  br i1 %is_array, label %array, label %no_array
no_array:
  %is_list = icmp eq ptr %type, {object_address(list)}
  br i1 %is_list, label %list, label %following
list:
  store i64 {LISTS}, ptr %kind
  br label %following
''')
}
done:
  %found = load i64, ptr %kind
  ret i64 %found
array:
  ret i64 {ARRAYS}
}}
"""

# Whether the arguments fit; then their numbers are in the slots.
_READ = f"""
define internal i1 @read(ptr %record, ptr %runs, ptr %given, i64 %n_given) {{
{load_fields("slots", "array_type", "float_type")}
{
    _for_each_argument(f'''
  %type = call ptr @type_of(ptr %argument)
  %is_one = icmp eq i64 %size, 1
  br i1 %is_one, label %one, label %several
one:
  %is_float_read = call i1 @read_float(ptr %argument, ptr %type, ptr %float_type, ptr %slot)
  br i1 %is_float_read, label %following, label %several
several:
  br i1 %is_number, label %refuse, label %sequence
sequence:
  %is_array = icmp eq ptr %type, %array_type
  br i1 %is_array, label %array, label %no_array
array:
  %is_array_read = call i1 @read_array(ptr %argument, ptr %run, ptr %slot, i64 %size)
  br i1 %is_array_read, label %following, label %refuse
no_array:
  %is_list = icmp eq ptr %type, {object_address(list)}
  br i1 %is_list, label %list, label %refuse
list:
  %is_list_read = call i1 @read_list(ptr %argument, ptr %float_type, ptr %slot, i64 %size)
  br i1 %is_list_read, label %following, label %refuse
''')
}
done:
  ret i1 true
refuse:
  ret i1 false
}}
"""

READ = _OBJECTS + _ARRAY + _FIND_RUNS + _FIND_KIND + _READ
