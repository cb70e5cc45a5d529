"""The text of the functions that give the results to Python: a float, an array or a list, or both, as a tuple."""

from __future__ import annotations

from engine.compiler.targets.llvm.c_functions.record import load_entry, load_fields

# The results, which are copied into the memory of a new array, or into a new list. `write_list` is whether there is
# memory for all floats.
WRITE = f"""
define internal void @write_array(ptr %record, ptr %target) {{
{load_fields("results", "first", "n", "places", "sources")}
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
{load_entry("source", "i64", "sources", "%k")}
{load_entry("result", "double", "results", "%source")}
{load_entry("place", "i64", "places", "%k")}
  %entry_at = getelementptr double, ptr %target, i64 %place
  store double %result, ptr %entry_at
  %next = add i64 %k, 1
  br label %head
done:
  ret void
}}
define internal i1 @write_list(ptr %record, ptr %list) {{
{load_fields("first", "n")}
  br label %head
head:
  %k = phi i64 [ 0, %0 ], [ %next, %store ]
  %is_left = icmp slt i64 %k, %n
  br i1 %is_left, label %body, label %done
body:
{load_entry("result", "double", "first", "%k")}
  %number = call ptr @PyFloat_FromDouble(double %result)
  %is_number = icmp ne ptr %number, null
  br i1 %is_number, label %store, label %no_memory
store:
  call i32 @PyList_SetItem(ptr %list, i64 %k, ptr %number)
  %next = add i64 %k, 1
  br label %head
done:
  ret i1 true
no_memory:
  ret i1 false
}}
define internal ptr @pair(double %value, ptr %others) {{
  %number = call ptr @PyFloat_FromDouble(double %value)
  %tuple = call ptr @PyTuple_New(i64 2)
  %is_number = icmp ne ptr %number, null
  %is_tuple = icmp ne ptr %tuple, null
  %is_complete = and i1 %is_number, %is_tuple
  br i1 %is_complete, label %complete, label %no_memory
complete:
  call i32 @PyTuple_SetItem(ptr %tuple, i64 0, ptr %number)
  call i32 @PyTuple_SetItem(ptr %tuple, i64 1, ptr %others)
  ret ptr %tuple
no_memory:
  call void @Py_DecRef(ptr %tuple)
  call void @Py_DecRef(ptr %number)
  call void @Py_DecRef(ptr %others)
  ret ptr null
}}
"""
