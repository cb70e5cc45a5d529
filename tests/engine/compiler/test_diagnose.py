"""Errors name the row and the node; NaN and infinity stay in their rows."""

import math

import pytest

from engine import DomainError, Value, compile, dot, exp, log, sqrt, tanh
from tests.engine.compiler.agreement import spread
from tests.engine.compiler.backends import both_backends, needs_llvm

INF, NAN = math.inf, math.nan


def logarithm() -> tuple[Value, Value, Value]:
    x, w = Value(0.5, "x"), Value(2.0, "w")
    z = x - w
    z.label = "z"
    return log(-z) * w, x, w


def test_an_error_of_python_names_the_node() -> None:
    output, x, w = logarithm()
    program = compile(output, [x], [w], backend="python")
    for call in (program, program.value_and_grad):
        with pytest.raises(DomainError, match=r"^log\(-2.0\) is not finite: log needs a number above 0"):
            call(4.0)
    with pytest.raises(DomainError, match=r"row 2: log\(-3.0\)"):
        program.sum_over([[1.0], [0.0], [5.0], [9.0]])
    with pytest.raises(DomainError, match=r"row 1: log\(-3.0\)"):
        program.each([[1.0], [5.0]])
    assert x.data == 0.5
    assert output.data == log(1.5) * 2.0


def test_errors_use_the_parameters_of_the_program() -> None:
    output, x, w = logarithm()
    program = compile(output, [x], [w], backend="python")
    program.parameters[0] = -1.0
    with pytest.raises(DomainError, match=r"log\(-1.5\)"):
        program(0.5)


def test_an_error_of_a_derivative_names_the_node() -> None:
    x, w = Value(1.0, "x"), Value(2.0, "w")
    program = compile(sqrt(x) * w, [x], [x, w], backend="python")
    assert program(0.0) == 0.0
    with pytest.raises(DomainError, match=r"the derivative of sqrt\(x = 0.0\) is not finite"):
        program.value_and_grad(0.0)
    with pytest.raises(DomainError, match=r"row 1: the derivative of sqrt\(x = 0.0\)"):
        program.sum_over([[1.0], [0.0]])


def test_an_error_that_the_engine_cannot_locate_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    x = Value(1.0, "x")
    program = compile(x * x, [x], backend="python")

    def single(*_: object) -> None:
        raise ZeroDivisionError("float division by zero")

    monkeypatch.setattr(program._executable, "single", single)
    with pytest.raises(DomainError, match=r"^a derivative of <program of \(x\).*> is not finite: float division"):
        program.value_and_grad(2.0)


def test_an_overflow_to_infinity_is_not_blamed() -> None:
    x = Value(1.0, "x")
    program = compile(x * 1e308 + log(x), [x], backend="python")
    assert program(100.0) == INF
    with pytest.raises(DomainError, match=r"row 1: log\(x = -1.0\)"):
        program.sum_over([[100.0], [-1.0]])


def test_an_infinite_input_is_not_blamed() -> None:
    x = Value(1.0, "x")
    program = compile(log(x), [x], backend="python")
    assert program.each([[INF]]) == [INF]
    for call in (program.each, program.sum_over):
        with pytest.raises(DomainError, match=r"row 1: log\(x = -1.0\)"):
            call([[INF], [-1.0]])


def test_only_derivatives_wrt_leaves_in_wrt_are_blamed() -> None:
    x = Value(1.0, "x")
    program = compile(sqrt(x), [x], backend="python")
    with pytest.raises(DomainError, match=r"row 1: sqrt\(x = -1.0\)"):
        program.each([[0.0], [-1.0]])


def test_an_overflow_of_a_derivative_is_not_blamed() -> None:
    x = Value(1.0, "x")
    program = compile(x * 1e308 + x * 1e308 + log(x), [x], backend="python")
    with pytest.raises(DomainError, match=r"row 1: log\(x = -1.0\)"):
        program.sum_over([[0.5], [-1.0]])
    program = compile(x * 1e200 * 1e200 + log(x), [x], backend="python")
    with pytest.raises(DomainError, match=r"row 1: log\(x = -1.0\)"):
        program.sum_over([[1e-300], [-1.0]])


@both_backends
def test_check_names_the_first_row_and_its_first_node(backend: str) -> None:
    output, x, w = logarithm()
    program = compile(output, [x], [w], backend=backend)
    program.check([[1.0], [0.0]])
    with pytest.raises(DomainError, match=r"row 1: log\(-1.0\)"):
        program.check([[1.0], [3.0], [4.0]])


@both_backends
def test_check_names_the_label(backend: str) -> None:
    x = Value(3.0, "x")
    z = x - 1.0
    z.label = "z_1^(2)"
    program = compile(1 / z, [x], [], backend=backend)
    with pytest.raises(DomainError, match=r"row 0: divide\(1.0, z_1\^\(2\) = 0.0\) is not finite"):
        program.check([[1.0]])


@both_backends
def test_check_finds_an_overflow(backend: str) -> None:
    x = Value(1.0, "x")
    program = compile(tanh(x * x * x), [x], backend=backend)
    with pytest.raises(DomainError, match=r"row 1: multiply\(x = 1e\+200, x = 1e\+200\)"):
        program.check([[1.0], [1e200]])


@both_backends
def test_check_finds_derivatives_without_a_value(backend: str) -> None:
    x, frozen = Value(1.0, "x"), Value(1.0, "frozen")
    program = compile(sqrt(x), [x], backend=backend)
    with pytest.raises(DomainError, match=r"row 1: the derivative of sqrt\(x = 0.0\)"):
        program.check([[1.0], [0.0]])
    compile(sqrt(x), [x], [], backend=backend).check([[0.0]])  # not by x
    frozen.data = 0.0
    compile(sqrt(frozen * frozen) * x, [x], backend=backend).check([[0.0]])  # nor by frozen


@both_backends
def test_check_finds_derivatives_that_overflow_along_a_path(backend: str) -> None:
    x = Value(1.0, "x")
    z = x * 1e200
    z.label = "z"
    program = compile(z * 1e100 * 1e8 * 1.75, [x], backend=backend)  # 1.75e308 is a float
    program.check([[1e-300]])
    program = compile(z * 1e100 * 1e8 * 1.85, [x], backend=backend)
    with pytest.raises(DomainError, match=r"row 0: the derivative of multiply\(x = 1e-300, 1e\+200\) is not finite"):
        program.check([[1e-300]])


@both_backends
def test_check_finds_an_overflow_in_the_sum_over_paths(backend: str) -> None:
    x, one = Value(0.5, "x"), Value(0.5)
    program = compile(x * 1e308 + x * 1e308, [x], backend=backend)
    assert program.value_and_grad(0.5) == (1e308, [INF])
    with pytest.raises(
        DomainError, match=r"the derivative with respect to x overflows where multiply\(x = 0.5, 1e\+308\) adds"
    ):
        program.check([[0.5]])
    with pytest.raises(
        DomainError, match=r"the derivative with respect to operand 1 overflows where multiply\(0.5, 1e\+308\) adds"
    ):
        compile(one * 1e308 + one * 1e308, [one], backend=backend).check([[0.5]])
    with pytest.raises(DomainError, match="the derivative with respect to x overflows"):
        compile(x * 1e308 * 1.0 + x * 1e308, [x], backend=backend).check([[0.5]])
    for zero in (x * 1e308 - x * 1e308, x * 1e308 * 1.0 - x * 1e308):
        compile(zero, [x], backend=backend).check([[0.5]])


@both_backends
def test_check_of_an_output_that_no_member_of_wrt_reaches(backend: str) -> None:
    x, w = Value(1.0, "x"), Value(2.0, "w")
    compile(sqrt(x), [x], [w], backend=backend).check([[0.0]])


@both_backends
def test_check_names_leaves_that_are_not_finite(backend: str) -> None:
    x, w = Value(1.0, "x"), Value(2.0, "w")
    program = compile(tanh(x) * w, [x], [w], backend=backend)
    with pytest.raises(DomainError, match="row 1: x = nan"):
        program.check([[1.0], [NAN]])
    program.check([[INF]])  # tanh(∞) = 1
    program.parameters[0] = -INF
    with pytest.raises(DomainError, match="row 0: w = -inf"):
        program.check([[1.0]])
    nameless = Value(1.0)
    with pytest.raises(DomainError, match="row 0: a leaf = inf is not finite, and neither is the output"):
        compile(nameless * 2.0, [nameless], backend=backend).check([[INF]])
    with pytest.raises(DomainError, match="row 0: x = inf is not finite"):
        compile([x * 2.0, tanh(x)], [x], backend=backend).check([[INF]])


@both_backends
def test_check_of_a_program_without_inputs(backend: str) -> None:
    w = Value(2.0, "w")
    program = compile(log(w), wrt=[w], backend=backend)
    program.check()
    program.parameters[0] = 0.0
    with pytest.raises(DomainError, match=r"row 0: log\(w = 0.0\)"):
        program.check()


@both_backends
def test_check_of_several_outputs(backend: str) -> None:
    x = Value(2.0, "x")
    program = compile([x * x, log(x)], [x], backend=backend)
    program.check([[1.0]])
    with pytest.raises(DomainError, match=r"row 1: log\(x = -1.0\)"):
        program.check([[1.0], [-1.0]])


@both_backends
def test_check_changes_nothing(backend: str) -> None:
    output, x, w = logarithm()
    output.backward()
    before = [(node.data, node.grad, node.op) for node in (x, w, output)]
    compile(output, [x], [w], backend=backend).check([[1.0], [0.25]])
    assert [(node.data, node.grad, node.op) for node in (x, w, output)] == before


@needs_llvm
@pytest.mark.parametrize("bad", [NAN, INF, -INF])
@pytest.mark.parametrize("n", [1, 5, 16, 33])
def test_a_bad_row_leaves_the_others_alone(bad: float, n: int) -> None:
    inputs = [Value(0.5, f"x_{i}") for i in range(9)]
    w = [Value(0.1 * i, f"w_{i}") for i in range(9)]
    for output in (exp(inputs[0]) * inputs[1] - inputs[2] / w[3], tanh(dot(w, inputs)) + inputs[0]):
        program = compile(output, inputs, w, backend="llvm")
        good = spread(n, 9)
        truth = program.each(good)
        totals = {}
        for place in {0, n // 2, n - 1}:
            rows = [list(row) for row in good]
            rows[place][0] = bad
            found = program.each(rows)
            assert [x for i, x in enumerate(found) if i != place] == [x for i, x in enumerate(truth) if i != place]
            assert not math.isfinite(found[place]) or bad == -INF
            plain = 0.0
            for value in found:
                plain += value
            total, gradient = program.sum_over(rows)
            assert total == pytest.approx(plain, nan_ok=True)
            totals[place] = [total, *gradient]
            one = program.value_and_grad(*rows[place])
            others = program.sum_over(rows[:place] + rows[place + 1 :])
            both = [a + b for a, b in zip([one[0], *one[1]], [others[0], *others[1]], strict=True)]
            assert totals[place] == pytest.approx(both, nan_ok=True, abs=1e-10)


@needs_llvm
def test_infinities_of_both_signs_add_up_to_nan() -> None:
    x = Value(1.0, "x")
    program = compile(1.0 / x, [x], backend="llvm")
    assert program.sum_over([[0.0], [1.0]])[0] == INF
    assert program.sum_over([[-0.0], [1.0]])[0] == -INF
    for n in range(2, 20):
        assert math.isnan(program.sum_over([[0.0], *[[1.0]] * (n - 2), [-0.0]])[0])


@needs_llvm
def test_lanes_without_a_row_do_not_add_to_sums() -> None:
    """After a bad row, a batch of fewer rows: what the other lanes still hold must not be added."""
    x, w = Value(1.0, "x"), Value(1.0, "w")
    program = compile(log(x) * w, [x], [w, x], backend="llvm")
    program.sum_over([[-1.0]] * 40)
    total, gradient = program.sum_over([[1.0]] * 3)
    assert (total, list(gradient)) == (0.0, [0.0, 3.0])


@needs_llvm
def test_where_ignores_the_other_branch() -> None:
    from engine import greater, where

    x = Value(11.0, "x")
    program = compile(where(greater(x, 0.0), x, log(x - 10.0)), [x], [], backend="llvm")
    assert program.each([[1.0], [2.0], [11.0]]) == [1.0, 2.0, 11.0]
