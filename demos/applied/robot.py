"""`python -m demos.applied robot`: the arm UR5 leads its tool along a circle: inverse kinematics by the Jacobian.

The pose of the tool is a product of six matrices, one for each joint (Denavit and Hartenberg). Angles for a pose are
found by SciPy's least_squares, and the speeds of the joints from J q' = speed of the pose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import least_squares

from demos.applied.table import print_table
from demos.cli import UnsuccessfulError
from engine import compile, cos, sin
from nn import plots

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Of each joint, by Denavit and Hartenberg: Universal Robots, "Parameters for calculations of kinematics and dynamics".
LENGTHS = (0.0, -0.425, -0.39225, 0.0, 0.0, 0.0)  # a, in metres
OFFSETS = (0.089159, 0.0, 0.0, 0.10915, 0.09465, 0.0823)  # d, in metres
SINES, COSINES = (1, 0, 0, 1, -1, 0), (0, 1, 1, 0, 0, 1)  # of the twists α
HOME = np.radians([0, -90, -90, -90, 90, 0])  # with the tool pointing downwards
POINTS, SPEED, MAX_ERROR = 72, 0.25, 1e-6  # of the circle; of the tool in metres a second; in metres


def frames(q: Any) -> Any:
    """The poses of the base, the joints and the tool, matrices of 3 by 4: a rotation, and beside it the position."""
    frame = np.eye(4)
    found = [frame]
    for angle, a, d, sine, cosine in zip(q, LENGTHS, OFFSETS, SINES, COSINES, strict=True):
        c, s = cos(angle), sin(angle)
        frame = frame @ np.array(
            [[c, -s * cosine, s * sine, a * c], [s, c * cosine, -c * sine, a * s], [0, sine, cosine, d], [0, 0, 0, 1]]
        )
        found.append(frame)
    return np.array(found)[:, :3]


def follow(poses: Any, velocities: Any) -> tuple[Any, Any]:
    """The angles of the joints for each pose of the tool, and their speeds for each velocity, in radians.

    Raises UnsuccessfulError for a pose out of reach.
    """
    p = compile(lambda q, pose: (frames(q)[-1] - pose).ravel(), at=[HOME, poses[0]], wrt=0)
    angles, q = [], HOME
    for pose in poses:
        found = least_squares(p, q, jac=p.jacobian, args=(pose,), xtol=1e-12, ftol=1e-12, gtol=1e-12)
        if np.abs(found.fun).max() > MAX_ERROR:
            raise UnsuccessfulError(f"The arm does not reach ({pose[0, 3]:.3f}, {pose[1, 3]:.3f}): a smaller --radius")
        q = found.x
        angles.append(q)
    speeds = np.linalg.pinv(p.jacobian(np.array(angles), poses)) @ velocities.reshape(len(poses), 12, 1)
    return np.array(angles), speeds[:, :, 0]


def circle(radius: float) -> tuple[Any, Any]:
    """Poses of the tool on a horizontal circle around that of `HOME`, without a turn, and their velocities."""
    around = np.linspace(0, 2 * np.pi, POINTS + 1)
    poses = np.tile(frames(HOME)[-1], (len(around), 1, 1))
    velocities = np.zeros_like(poses)
    poses[:, :2, 3] += radius * np.column_stack([np.cos(around), np.sin(around)])
    velocities[:, :2, 3] = SPEED * np.sign(radius) * np.column_stack([-np.sin(around), np.cos(around)])
    return poses, velocities


def show(radius: float = 0.2) -> Figure:
    """Print the angles of the joints along the circle and their speeds, and draw the arm.

    radius: the radius of the circle, in metres
    """
    poses, velocities = circle(radius)
    angles, speeds = follow(poses, velocities)
    shown = slice(0, POINTS, POINTS // 8)
    print(f"Angles in degrees, for the tool at {SPEED} m/s; the last column is the speed of the fastest joint")
    rows = np.column_stack([1000 * poses[:, :2, 3], np.degrees(angles), np.degrees(np.abs(speeds).max(axis=1))])
    print_table(["x in mm", "y in mm", *(f"q_{i}" for i in range(1, 7)), "degrees/s"], rows[shown], digits=1)
    figure = plots.figure(9, 3.7)
    for axes, i, name in zip(plots.panels(figure, 2), (2, 1), "zy", strict=True):
        for q in angles[shown]:
            x = frames(q)[:, :, 3]
            axes.plot(x[:, 0], x[:, i], color=plots.LIGHT.blue, alpha=0.5, marker="o", markersize=3)
        axes.plot(poses[:, 0, 3], poses[:, i, 3], color=plots.LIGHT.mark, linewidth=2.5, zorder=3)
        axes.set_aspect("equal")
        plots.tidy(axes, "x in metres", f"{name} in metres")
    more = "Left: from the side; right: from above; red: the path of the tool"
    plots.caption(figure, "A UR5 leads its tool along a circle", more)
    return figure
