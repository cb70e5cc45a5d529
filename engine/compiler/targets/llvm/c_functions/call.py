"""The text of the C function `call`: the inputs are an array of NumPy, a list of floats, or floats.

Results are a float, an array, or both, as a tuple; with floats and lists, a list takes the place of the array.
"""

from __future__ import annotations

from engine.compiler.targets.llvm.c_functions.record import load_fields, object_address

PYBUF_WRITABLE, PYBUF_FORMAT, PYBUF_ND = 0x0001, 0x0004, 0x0008

# The inputs. `view` is whether an array has n doubles, which are then in the view.
_READ = f"""
%Buffer = type {{ ptr, ptr, i64, i64, i32, i32, ptr, ptr, ptr, ptr, ptr }}
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
define internal ptr @type_of(ptr %object) {{
  %type = call ptr @PyObject_Type(ptr %object)
  call void @Py_DecRef(ptr %type)
  ret ptr %type
}}
define internal i1 @view(ptr %x, ptr %view, i64 %n) {{
  %error = call i32 @PyObject_GetBuffer(ptr %x, ptr %view, i32 {PYBUF_FORMAT | PYBUF_ND})
  %is_contiguous = icmp eq i32 %error, 0
  br i1 %is_contiguous, label %contiguous, label %strided
contiguous:
  %bytes_at = getelementptr %Buffer, ptr %view, i32 0, i32 2
  %bytes = load i64, ptr %bytes_at
  %size = mul i64 %n, 8
  %fits = icmp eq i64 %bytes, %size
  %ndim_at = getelementptr %Buffer, ptr %view, i32 0, i32 5
  %ndim = load i32, ptr %ndim_at
  %is_flat = icmp eq i32 %ndim, 1
  %format_at = getelementptr %Buffer, ptr %view, i32 0, i32 6
  %format = load ptr, ptr %format_at
  %letter = load i8, ptr %format
  %is_d = icmp eq i8 %letter, {ord("d")}
  %fits_flat = and i1 %fits, %is_flat
  %is_readable = and i1 %fits_flat, %is_d
  ret i1 %is_readable
strided:
  call void @PyErr_Clear()
  ret i1 false
}}
define internal i1 @read_floats(ptr %slots, ptr %list, ptr %given, i64 %n) {{
  %is_list = icmp ne ptr %list, null
  br label %head
head:
  %k = phi i64 [ 0, %0 ], [ %next, %store ]
  %is_left = icmp slt i64 %k, %n
  br i1 %is_left, label %body, label %done
body:
  br i1 %is_list, label %of_list, label %of_arguments
of_list:
  %entry = call ptr @PyList_GetItem(ptr %list, i64 %k)
  br label %check
of_arguments:
  %argument_at = getelementptr ptr, ptr %given, i64 %k
  %argument = load ptr, ptr %argument_at
  br label %check
check:
  %object = phi ptr [ %entry, %of_list ], [ %argument, %of_arguments ]
  %type = call ptr @type_of(ptr %object)
  %is_float = icmp eq ptr %type, {object_address(float)}
  br i1 %is_float, label %store, label %other
store:
  %number = call double @PyFloat_AsDouble(ptr %object)
  %slot = getelementptr double, ptr %slots, i64 %k
  store double %number, ptr %slot
  %next = add i64 %k, 1
  br label %head
done:
  ret i1 true
other:
  ret i1 false
}}
"""

# The results, which are copied into the memory of a new array, or into a new list. `write_list` is whether there is
# memory for all floats.
_WRITE = f"""
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
define internal i1 @write_list(ptr %record, ptr %list) {{
{load_fields("first", "n")}
  br label %head
head:
  %k = phi i64 [ 0, %0 ], [ %next, %store ]
  %is_left = icmp slt i64 %k, %n
  br i1 %is_left, label %body, label %done
body:
  %result_at = getelementptr double, ptr %first, i64 %k
  %result = load double, ptr %result_at
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

# The new array or list is made before the inputs are copied: from then on until it is filled, nothing may run Python
# code, such as a finalizer, that could call the function again. To release or to decrement null does nothing.
_ENTRY = f"""
define ptr @call(ptr %capsule, ptr %given, i64 %n_given) {{
  %view = alloca %Buffer
  %new_view = alloca %Buffer
  store %Buffer zeroinitializer, ptr %view
  store %Buffer zeroinitializer, ptr %new_view
  %record = call ptr @PyCapsule_GetPointer(ptr %capsule, ptr null)
{load_fields("n_inputs", "takes_lists", "takes_floats", "array_type", "has_others", "slots", "results")}
  %returns_others = icmp ne i64 %has_others, 0
  %is_one = icmp eq i64 %n_given, 1
  br i1 %is_one, label %one, label %several
one:
  %x = load ptr, ptr %given
  %type = call ptr @type_of(ptr %x)
  %is_array = icmp eq ptr %type, %array_type
  br i1 %is_array, label %array, label %no_array
array:
  %is_readable = call i1 @view(ptr %x, ptr %view, i64 %n_inputs)
  br i1 %is_readable, label %make, label %decline
no_array:
  %is_list = icmp eq ptr %type, {object_address(list)}
  br i1 %is_list, label %listed, label %several
listed:
  %length = call i64 @PyList_Size(ptr %x)
  br label %floats
several:
  br label %floats
floats:
  %list = phi ptr [ %x, %listed ], [ null, %several ]
  %n_floats = phi i64 [ %length, %listed ], [ %n_given, %several ]
  %takes = phi i64 [ %takes_lists, %listed ], [ %takes_floats, %several ]
  %may_be_floats = icmp ne i64 %takes, 0
  %is_complete = icmp eq i64 %n_floats, %n_inputs
  %fits = and i1 %is_complete, %may_be_floats
  br i1 %fits, label %make, label %decline
make:
  %reads_array = phi i1 [ true, %array ], [ false, %floats ]
  %listed_floats = phi ptr [ null, %array ], [ %list, %floats ]
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
  br i1 %reads_array, label %read_array, label %read_floats
read_array:
  %numbers = load ptr, ptr %view
  %size = mul i64 %n_inputs, 8
  call void @llvm.memcpy.p0.p0.i64(ptr %slots, ptr %numbers, i64 %size, i1 false)
  br label %start
read_floats:
  %are_floats = call i1 @read_floats(ptr %slots, ptr %listed_floats, ptr %given, i64 %n_inputs)
  br i1 %are_floats, label %start, label %decline
start:
  call void @PyBuffer_Release(ptr %view)
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
  %unused = phi ptr [ null, %array ], [ null, %floats ], [ %others, %read_floats ]
  call void @Py_IncRef(ptr {object_address(NotImplemented)})
  br label %end
end:
  %answer = phi ptr [ {object_address(NotImplemented)}, %decline ], [ null, %make_array ], [ null, %view_new ],
    [ null, %make_list ], [ null, %enter ], [ null, %write_list ]
  %freed = phi ptr [ %unused, %decline ], [ null, %make_array ], [ %made_array, %view_new ],
    [ null, %make_list ], [ %others, %enter ], [ %others, %write_list ]
  call void @PyBuffer_Release(ptr %new_view)
  call void @PyBuffer_Release(ptr %view)
  call void @Py_DecRef(ptr %freed)
  ret ptr %answer
}}
"""

CALL = _READ + _WRITE + _ENTRY
