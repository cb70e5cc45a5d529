"""Elementary functions of vectors: exp, expm1, log, log1p, tanh, sin and cos as LLVM instructions.

Each is reduced to a polynomial near 0 whose coefficients are those of its Taylor series. The error, measured over a
million arguments each, is below 1 unit in the last place for exp, log, log1p, sin and cos, below 2.5 for expm1, and
below 3 for tanh and for the sigmoid made of exp (measured in `tests/engine/compiler/targets/llvm/test_elementary.py`).
At the ends of their domains all have the values of IEEE 754: exp(1000) = inf, log(0) = -inf, log(-1) = NaN.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Context, Decimal
from typing import NamedTuple

from engine.compiler.targets.llvm.assembly import Body, float_bits

# log 2 in two parts. The first has 32 bits, so that its product with an exponent is exact.
_LOG_2 = Decimal(2).ln(Context(prec=40))
LOG_2 = math.floor(float(_LOG_2) * 2**32) / 2**32
LOG_2_REST = float(_LOG_2 - Decimal(LOG_2))

# Adding it rounds to an integer, which is in the last bits of the sum; subtracting it gives that integer as a float.
SHIFT = 1.5 * 2**52
EXPM1 = [1.0 / math.factorial(k) for k in range(2, 15)]  # (e^r - 1 - r) / r²
ATANH = [2.0 / (2 * k + 1) for k in range(1, 13)]  # (2 artanh(s) - 2s) / s³, in s²


SIN = [(-1.0) ** k / math.factorial(2 * k + 1) for k in range(1, 9)]  # (sin(r) - r) / r³, in r²
COS = [(-1.0) ** k / math.factorial(2 * k) for k in range(2, 10)]  # (cos(r) - 1 + r²/2) / r⁴, in r²
MAX_ANGLE = 2.0**20  # of larger ones, sin and cos are those of the C library


def _quarter_turn() -> list[float]:
    """π/2 in four parts, of which the first three have 33 bits, so that their products with an integer are exact."""
    bits = 256

    def arctan_of_inverse(n: int) -> int:
        return sum((-1) ** k * (1 << bits) // ((2 * k + 1) * n ** (2 * k + 1)) for k in range(bits // 2))

    rest, parts = 8 * arctan_of_inverse(5) - 2 * arctan_of_inverse(239), []  # Machin's formula
    for used in (32, 65, 98):
        part = rest >> bits - used << bits - used
        parts.append(math.ldexp(part, -bits))
        rest -= part
    return [*parts, math.ldexp(rest, -bits)]


QUARTER_TURN = _quarter_turn()


class Reduced(NamedTuple):
    """x = n log 2 + r, where n is an integer and |r| <= log(2) / 2."""

    n: str  # an integer
    expm1: str  # e^r - 1


def _reduce(f: Body, x: str) -> Reduced:
    shifted = f.fma(x, f.number(1.0 / math.log(2.0)), f.number(SHIFT))
    n = f.subtract(shifted, f.number(SHIFT))
    r = f.fma(n, f.number(-LOG_2), x)
    r = f.fma(n, f.number(-LOG_2_REST), r)
    tail = f.multiply(f.multiply(r, r), f.polynomial(r, EXPM1))
    return Reduced(f.integers("sub", f.bits(shifted), f.integer(float_bits(SHIFT))), f.add(r, tail))


def _power_of_2(f: Body, n: str) -> str:
    """2^n, for n from -1022 to 1023, made by shifting the exponent into the bits of a float."""
    return f.floats(f.integers("shl", f.integers("add", n, f.integer(1023)), f.integer(52)))


def _ldexp(f: Body, x: str, n: str) -> str:
    """x · 2^n, in two steps, so that neither power of 2 overflows."""
    half = f.integers("ashr", n, f.integer(1))
    return f.multiply(f.multiply(x, _power_of_2(f, half)), _power_of_2(f, f.integers("sub", n, half)))


def _clamp(f: Body, low: float, x: str, high: float) -> str:
    """x clamped to an interval; NaN stays NaN."""
    x = f.select("olt", x, f.number(low), f.number(low), x)
    return f.select("ogt", x, f.number(high), f.number(high), x)


def exp(f: Body, x: str) -> str:
    """e^x = 2^n e^r."""
    reduced = _reduce(f, _clamp(f, -746.0, x, 710.0))
    return _ldexp(f, f.add(f.number(1.0), reduced.expm1), reduced.n)


def expm1(f: Body, x: str) -> str:
    """e^x - 1 = 2^n (e^r - 1 + (1 - 2^-n)); for tiny x it is x, the sign of 0 included."""
    n, small = _reduce(f, _clamp(f, -50.0, x, 710.0))
    # 1 - 2^-n is 1 for n above 53, so that n can be bounded by 1000
    bounded = f(f"call {f.i} @llvm.smin.{f.v.replace('f', 'i')}({f.i} {n}, {f.i} {f.integer(1000)})")
    rest = f.subtract(f.number(1.0), _power_of_2(f, f.integers("sub", f.integer(0), bounded)))
    result = _ldexp(f, f.add(small, rest), n)
    return f.select("olt", f.absolute(x), f.number(2.0**-54), x, result)


def tanh(f: Body, x: str) -> str:
    """tanh |x| = -e / (2 + e) with e = e^(-2|x|) - 1, and the sign of x."""
    e = expm1(f, f.multiply(f.number(-2.0), f.absolute(x)))
    magnitude = f.divide(f(f"fneg {f.t} {e}"), f.add(f.number(2.0), e))
    return f(f"call {f.t} @llvm.copysign.{f.v}({f.t} {magnitude}, {f.t} {x})")


def _log(f: Body, u: str, correction: str) -> str:
    """log u + correction, for positive finite u.

    u = 2^k m with m from √½ to √2; and log m = 2 artanh(s), where m = 1 + f and s = f / (2 + f).
    """
    tiny = f(f"fcmp olt {f.t} {u}, {f.number(2.0**-1022)}")
    larger = f.multiply(u, f.number(2.0**54))
    u = f(f"select {f.m} {tiny}, {f.t} {larger}, {f.t} {u}")
    bits = f.bits(u)
    k = f.integers("ashr", f.integers("sub", bits, f.integer(float_bits(math.sqrt(0.5)))), f.integer(52))
    m = f.floats(f.integers("sub", bits, f.integers("shl", k, f.integer(52))))
    k = f(f"select {f.m} {tiny}, {f.i} {f.integers('sub', k, f.integer(54))}, {f.i} {k}")
    exponent = f.subtract(f.floats(f.integers("add", k, f.integer(float_bits(SHIFT)))), f.number(SHIFT))
    fraction = f.subtract(m, f.number(1.0))
    s = f.divide(fraction, f.add(f.number(2.0), fraction))
    square = f.multiply(s, s)
    series = f.multiply(square, f.polynomial(square, ATANH))
    half_square = f.multiply(f.number(0.5), f.multiply(fraction, fraction))
    low = f.fma(s, f.add(half_square, series), f.fma(exponent, f.number(LOG_2_REST), correction))
    return f.fma(exponent, f.number(LOG_2), f.subtract(fraction, f.subtract(half_square, low)))


def _with_limits(f: Body, u: str, result: str) -> str:
    """log u is -inf at 0, inf at inf, and NaN below 0 and at NaN."""
    result = f.select("oeq", u, f.number(math.inf), u, result)
    result = f.select("oeq", u, f.number(0.0), f.number(-math.inf), result)
    return f.select("uge", u, f.number(0.0), f.select("uno", u, u, u, result), f.number(math.nan))


def log(f: Body, x: str) -> str:
    """The natural logarithm."""
    return _with_limits(f, x, _log(f, x, f.number(0.0)))


def log1p(f: Body, x: str) -> str:
    """log u + (x - (u - 1)) / u with u = 1 + x rounded; for tiny x it is x, the sign of 0 included."""
    u = f.add(f.number(1.0), x)
    lost = f.divide(f.subtract(x, f.subtract(u, f.number(1.0))), u)
    lost = f.select("olt", u, f.number(2.0**60), lost, f.number(0.0))
    result = _with_limits(f, u, _log(f, u, lost))
    return f.select("olt", f.absolute(x), f.number(2.0**-54), x, result)


def _subtract_exactly(f: Body, x: str, y: str) -> tuple[str, str]:
    """x - y rounded, and what it lacks."""
    difference = f.subtract(x, y)
    lost = f.subtract(difference, x)
    return difference, f.subtract(f.subtract(x, f.subtract(difference, lost)), f.add(y, lost))


def _sine_of_turns(f: Body, name: str, x: str, quarters: int) -> str:
    """sin(x + quarters · π/2), with x = n π/2 + r + low, |r| <= π/4; of large x, the function of C of this name."""
    shifted = f.fma(x, f.number(2.0 / math.pi), f.number(SHIFT))
    count = f.subtract(shifted, f.number(SHIFT))
    n = f.integers("add", f.integers("sub", f.bits(shifted), f.integer(float_bits(SHIFT))), f.integer(quarters))
    high = f.subtract(x, f.multiply(count, f.number(QUARTER_TURN[0])))
    high, low = _subtract_exactly(f, high, f.multiply(count, f.number(QUARTER_TURN[1])))
    high, lower = _subtract_exactly(f, high, f.multiply(count, f.number(QUARTER_TURN[2])))
    low = f.subtract(f.add(low, lower), f.multiply(count, f.number(QUARTER_TURN[3])))
    r = f.add(high, low)
    low = f.add(f.subtract(high, r), low)
    z = f.multiply(r, r)
    half = f.multiply(f.number(0.5), z)
    rest = f.subtract(f.number(1.0), half)
    sine = f.add(r, f.fma(f.multiply(z, r), f.polynomial(z, SIN), f.multiply(low, rest)))
    lost = f.subtract(f.subtract(f.number(1.0), rest), half)
    small = f.subtract(f.multiply(f.multiply(z, z), f.polynomial(z, COS)), f.multiply(r, low))
    cosine = f.add(rest, f.add(lost, small))
    is_odd = f(f"icmp ne {f.i} {f.integers('and', n, f.integer(1))}, {f.integer(0)}")
    chosen = f(f"select {f.m} {is_odd}, {f.t} {cosine}, {f.t} {sine}")
    sign = f.integers("shl", f.integers("and", n, f.integer(2)), f.integer(62))
    return _or_large(f, name, x, f.floats(f.integers("xor", f.bits(chosen), sign)))


def _or_large(f: Body, name: str, x: str, result: str) -> str:
    """The result, but for lanes with |x| > MAX_ANGLE that of the C library, which is called if there are any."""
    is_large = f(f"fcmp ogt {f.t} {f.absolute(x)}, {f.number(MAX_ANGLE)}")
    is_any = is_large if f.lanes == 1 else f(f"call i1 @llvm.vector.reduce.or.v{f.lanes}i1({f.m} {is_large})")
    f.write(f"br i1 {is_any}, label %large, label %done")
    f.write("large:")
    of_c = f(f"call {f.t} @{name}({f.t} {x})")
    mixed = f(f"select {f.m} {is_large}, {f.t} {of_c}, {f.t} {result}")
    f.write("br label %done")
    f.write("done:")
    return f(f"phi {f.t} [ {result}, %0 ], [ {mixed}, %large ]")


def sin(f: Body, x: str) -> str:
    """The sine; for tiny x it is x, the sign of 0 included."""
    return f.select("olt", f.absolute(x), f.number(2.0**-27), x, _sine_of_turns(f, "sin_of_c", x, 0))


def cos(f: Body, x: str) -> str:
    """The cosine."""
    return _sine_of_turns(f, "cos_of_c", x, 1)


FUNCTIONS: dict[str, Callable[[Body, str], str]] = {f.__name__: f for f in (exp, expm1, log, log1p, tanh, sin, cos)}
