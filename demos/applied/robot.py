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

# Length a and offset d in metres, sine and cosine of the twist α, of each joint: Universal Robots, "Parameters for
# calculations of kinematics and dynamics".
JOINTS = [
    (0.0, 0.089159, 1, 0),
    (-0.425, 0.0, 0, 1),
    (-0.39225, 0.0, 0, 1),
    (0.0, 0.10915, 1, 0),
    (0.0, 0.09465, -1, 0),
    (0.0, 0.0823, 0, 1),
]
HOME = np.radians([0, -90, -90, -90, 90, 0])  # with the tool pointing downwards
POINTS, SPEED, MAX_ERROR = 72, 0.25, 1e-6  # of the circle; of the tool in metres a second; in metres


def frames(q: Any) -> Any:
    """The poses of the base, the joints and the tool, matrices of 3 by 4: a rotation, and beside it the position."""
    frame = np.eye(4)
    found = [frame[:3]]
    for angle, (a, d, sine, cosine) in zip(q, JOINTS, strict=True):
        c, s = cos(angle), sin(angle)
        frame = frame @ np.array(
            [[c, -s * cosine, s * sine, a * c], [s, c * cosine, -c * sine, a * s], [0, sine, cosine, d], [0, 0, 0, 1]]
        )
        found.append(frame[:3])
    return np.array(found)


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
    poses, velocities = np.tile(frames(HOME)[-1], (len(around), 1, 1)), np.zeros((len(around), 3, 4))
    poses[:, :2, 3] += radius * np.column_stack([np.cos(around), np.sin(around)])
    velocities[:, :2, 3] = SPEED * np.column_stack([-np.sin(around), np.cos(around)])
    return poses, velocities


def show(radius: float = 0.2) -> Figure:
    """Print the angles of the joints along the circle and their speeds, and draw the arm.

    radius: the radius of the circle, in metres
    """
    poses, velocities = circle(radius)
    angles, speeds = follow(poses, velocities)
    shown = range(0, POINTS, POINTS // 8)
    print(f"Angles in degrees, for the tool at {SPEED} m/s; the last column is the speed of the fastest joint")
    print_table(
        ["x in m", "y in m", *(f"q_{i}" for i in range(1, 7)), "degrees/s"],
        [
            [f"{poses[i, 0, 3]:.3f}", f"{poses[i, 1, 3]:.3f}", *np.degrees([*angles[i], np.abs(speeds[i]).max()])]
            for i in shown
        ],
        digits=1,
    )
    positions = np.array([frames(angles[i])[:, :, 3] for i in shown])
    figure = plots.figure(9, 3.7)
    for axes, (i, j), text in zip(plots.panels(figure, 2), [(0, 2), (0, 1)], ("z", "y"), strict=True):
        for arm in positions:
            axes.plot(arm[:, i], arm[:, j], color=plots.LIGHT.blue, alpha=0.5, marker="o", markersize=3)
        axes.plot(poses[:, i, 3], poses[:, j, 3], color=plots.LIGHT.mark, linewidth=2.5, zorder=3)
        axes.set_aspect("equal")
        plots.tidy(axes, "x in metres", f"{text} in metres")
    plots.caption(
        figure,
        "A UR5 leads its tool along a circle",
        "Left: from the side; right: from above; red: the path of the tool",
    )
    return figure
