"""`python -m demos.applied greeks`: the price of a European call, and its greeks, which are derivatives of it.

The price V is that of Black and Scholes (1973): of the spot S, the strike K, the rate r, the volatility σ, and the
years T to expiry. Derivatives of derivatives are graphs, and one program computes them all. Their closed forms, beside
them, are those of Haug, "The Complete Guide to Option Pricing Formulas" (2007), chapter 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from demos.applied.table import print_table
from demos.cli import UnsuccessfulError
from engine import Value, compile, erf, exp, grad, log, sqrt
from nn import plots

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAMES = ["price", "delta", "gamma", "vega", "theta", "rho", "vanna", "volga", "charm", "speed", "zomma", "color"]
FORMULAS = ["V", "V_S", "V_SS", "V_σ", "-V_T", "V_r", "V_Sσ", "V_σσ", "-V_ST", "V_SSS", "V_SSσ", "-V_SST"]
DRAWN = ["delta", "gamma", "vega", "theta", "vanna", "volga"]


def price(S: Value, K: Value, r: Value, σ: Value, T: Value) -> Value:
    """S Φ(d_1) - K exp(-rT) Φ(d_2), where Φ is the normal distribution function."""
    d_1 = (log(S / K) + (r + σ**2 / 2) * T) / (σ * sqrt(T))
    d_2 = d_1 - σ * sqrt(T)
    probability_1, probability_2 = ((1 + erf(d / 2**0.5)) / 2 for d in (d_1, d_2))
    return S * probability_1 - K * exp(-r * T) * probability_2


def greeks(S: Value, K: Value, r: Value, σ: Value, T: Value) -> list[Value]:
    """The price and its derivatives, in the order of `NAMES`. T falls as time goes by, hence the minus."""
    V = price(S, K, r, σ, T)
    delta, vega, theta, rho = grad(V, [S, σ, T, r], create_graph=True)
    gamma, vanna, charm = grad(delta, [S, σ, T], create_graph=True)
    [volga] = grad(vega, [σ], create_graph=True)
    speed, zomma, color = grad(gamma, [S, σ, T], create_graph=True)
    return [V, delta, gamma, vega, -theta, rho, vanna, volga, -charm, speed, zomma, -color]


def closed_forms(S: float, K: float, r: float, σ: float, T: float) -> list[float]:
    """The same by formulas; `ndtr` is Φ."""
    spread = σ * np.sqrt(T)
    d_1 = (np.log(S / K) + r * T) / spread + spread / 2
    d_2, discounted, density = d_1 - spread, K * np.exp(-r * T), np.exp(-(d_1**2) / 2) / np.sqrt(2 * np.pi)
    gamma, vega = density / (S * spread), S * density * np.sqrt(T)
    theta = -vega * σ / (2 * T) - r * discounted * ndtr(d_2)
    first = [S * ndtr(d_1) - discounted * ndtr(d_2), ndtr(d_1), gamma, vega, theta]
    drift = (2 * r * T - d_2 * spread) / (2 * T * spread)
    second = [T * discounted * ndtr(d_2), -density * d_2 / σ, vega * d_1 * d_2 / σ, -density * drift]
    third = [-gamma / S * (d_1 / spread + 1), gamma * (d_1 * d_2 - 1) / σ, gamma * (1 / (2 * T) + d_1 * drift)]
    return first + second + third


def show(
    spot: float = 100.0, strike: float = 105.0, rate: float = 0.02, volatility: float = 0.25, years: float = 0.5
) -> Figure:
    """Print the greeks at one spot, and draw some of them over the spot.

    spot: the price of the stock
    strike: the price at which the call buys it
    rate: the rate of interest, per year
    volatility: the standard deviation of the logarithm of the spot, per year
    years: the time to expiry
    """
    if min(spot, strike, volatility, years) <= 0:
        raise UnsuccessfulError("The spot, the strike, the volatility and the years must be above 0")
    program, at = compile(greeks, n_inputs=5), (spot, strike, rate, volatility, years)
    program.check([at])
    rows = zip(NAMES, FORMULAS, program(*at), closed_forms(*at), strict=True)
    print_table(["", "", "derivative", "closed form"], rows, digits=8)
    figure, spots = plots.figure(9, 5.6), np.linspace(0.5, 1.5, 201) * strike
    for axes, name in zip(plots.panels(figure, len(DRAWN)), DRAWN, strict=True):
        for T, colour in [(years / 4, plots.LIGHT.blue), (years, plots.LIGHT.mark)]:
            curve = program(spots, strike, rate, volatility, T)[:, NAMES.index(name)]
            axes.plot(spots, curve, color=colour, linewidth=2)
        plots.tidy(axes, "spot", name)
    plots.caption(figure, "The greeks of a call", f"Red: {years:g} years to expiry; blue: {years / 4:g} years")
    return figure
