"""The record that the C functions read, and the instructions that read it, and arrays."""

from __future__ import annotations

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
    "layouts": "ptr",  # of `call`: the arguments that it takes, as `read.encode` writes them
    "takes_lists": "i64",  # whether it takes lists of floats in place of arrays,
    "takes_floats": "i64",  # and floats alone
    "array_type": "ptr",  # numpy.ndarray, and numpy.float64; null until NumPy is imported
    "float_type": "ptr",
    "has_value": "i64",  # whether the first result is returned as a float
    "has_others": "i64",  # whether others are returned in an array, or a list
    "new_array": "ptr",  # numpy.empty or zeros
    "arguments": "ptr",  # the tuple of its argument, the shape
    "first": "ptr",  # the first of the others
    "n": "i64",  # how many there are
    "places": "ptr",  # the place of each; null for the order of the results
    "sources": "ptr",  # the k-th of the places has this result
}


def field_address(field: str) -> str:
    """The instruction that gives the address of a field."""
    return f"%{field}_at = getelementptr i64, ptr %record, i64 {list(FIELDS).index(field)}"


def load_fields(*fields: str) -> str:
    """Instructions that load fields of a record into registers of their names."""
    lines = (f"  {field_address(field)}\n  %{field} = load {FIELDS[field]}, ptr %{field}_at" for field in fields)
    return "\n".join(lines)


def load_entry(name: str, kind: str, array: str, i: str | int) -> str:
    """Instructions that load entry i of an array into a register of this name."""
    return f"  %{name}_at = getelementptr {kind}, ptr %{array}, i64 {i}\n  %{name} = load {kind}, ptr %{name}_at"


def object_address(it: object) -> str:
    """The address of an object that lives as long as Python."""
    return f"inttoptr (i64 {id(it)} to ptr)"
