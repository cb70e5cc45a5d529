"""The text of the C function `call`: the results at arguments that are floats, lists of floats, and arrays."""

from __future__ import annotations

from engine.compiler.targets.llvm.c_functions.read import ARRAYS, LISTS, READ
from engine.compiler.targets.llvm.c_functions.record import load_fields, object_address
from engine.compiler.targets.llvm.c_functions.write import WRITE

PYBUF_WRITABLE = 0x0001

# The new array or list is made before the arguments are read: from then on until it is filled, nothing may run Python
# code, such as a finalizer, that could call the function again. To release or to decrement null does nothing.
_ENTRY = f"""
define ptr @call(ptr %capsule, ptr %given, i64 %n_given) {{
  %new_view = alloca %Buffer
  store %Buffer zeroinitializer, ptr %new_view
  %record = call ptr @PyCapsule_GetPointer(ptr %capsule, ptr null)
{load_fields("layouts", "slots", "takes_lists", "takes_floats", "array_type", "has_others", "results")}
  %returns_others = icmp ne i64 %has_others, 0
  %runs = call ptr @find_runs(ptr %layouts, i64 %n_given)
  %is_known = icmp ne ptr %runs, null
  br i1 %is_known, label %look, label %decline
look:
  %kind = call i64 @find_kind(ptr %runs, ptr %slots, ptr %given, i64 %n_given, ptr %array_type)
  %reads_array = icmp eq i64 %kind, {ARRAYS}
  %reads_list = icmp eq i64 %kind, {LISTS}
  %takes_others = select i1 %reads_list, i64 %takes_lists, i64 %takes_floats
  %takes = select i1 %reads_array, i64 1, i64 %takes_others
  %may_read = icmp ne i64 %takes, 0
  br i1 %may_read, label %make, label %decline
make:
  br i1 %returns_others, label %make_others, label %enter
make_others:
  br i1 %reads_array, label %make_array, label %make_list
make_array:
{load_fields("new_array", "arguments")}
  %made_array = call ptr @PyObject_CallObject(ptr %new_array, ptr %arguments)
  %is_made = icmp ne ptr %made_array, null
  br i1 %is_made, label %view_new, label %end
view_new:
  %error = call i32 @PyObject_GetBuffer(ptr %made_array, ptr %new_view, i32 {PYBUF_WRITABLE})
  %is_viewed = icmp eq i32 %error, 0
  br i1 %is_viewed, label %enter, label %end
make_list:
{load_fields("n")}
  %made_list = call ptr @PyList_New(i64 %n)
  %is_made_list = icmp ne ptr %made_list, null
  br i1 %is_made_list, label %enter, label %end
enter:
  %others = phi ptr [ null, %make ], [ %made_array, %view_new ], [ %made_list, %make_list ]
  %may = call i1 @begin(ptr %record)
  br i1 %may, label %read, label %end
read:
  %is_read = call i1 @read(ptr %record, ptr %runs, ptr %given, i64 %n_given)
  br i1 %is_read, label %start, label %decline
start:
  call void @compute(ptr %record)
  %value = load double, ptr %results
  br i1 %returns_others, label %write, label %return_value
write:
  br i1 %reads_array, label %write_array, label %write_list
write_array:
  %target = load ptr, ptr %new_view
  call void @write_array(ptr %record, ptr %target)
  call void @PyBuffer_Release(ptr %new_view)
  br label %written
write_list:
  %is_written = call i1 @write_list(ptr %record, ptr %others)
  br i1 %is_written, label %written, label %end
written:
{load_fields("has_value")}
  %is_pair = icmp ne i64 %has_value, 0
  br i1 %is_pair, label %return_pair, label %return_others
return_pair:
  %pair = call ptr @pair(double %value, ptr %others)
  ret ptr %pair
return_others:
  ret ptr %others
return_value:
  %number = call ptr @PyFloat_FromDouble(double %value)
  ret ptr %number
decline:
  %unused = phi ptr [ null, %0 ], [ null, %look ], [ %others, %read ]
  call void @Py_IncRef(ptr {object_address(NotImplemented)})
  br label %end
end:
  %answer = phi ptr [ {object_address(NotImplemented)}, %decline ], [ null, %make_array ], [ null, %view_new ],
    [ null, %make_list ], [ null, %enter ], [ null, %write_list ]
  %freed = phi ptr [ %unused, %decline ], [ null, %make_array ], [ %made_array, %view_new ],
    [ null, %make_list ], [ %others, %enter ], [ %others, %write_list ]
  call void @PyBuffer_Release(ptr %new_view)
  call void @Py_DecRef(ptr %freed)
  ret ptr %answer
}}
"""

CALL = READ + WRITE + _ENTRY
