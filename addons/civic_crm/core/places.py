"""Points on the ground: how far apart, what lies near, and no more exact than need be.

All angles are degrees of WGS 84. A city is small: below five kilometres the plane that touches
the earth between two points (equirectangular projection) is exact to a few centimetres.
"""

from math import cos, hypot, radians

#: The mean radius of the earth in metres (IUGG 1980, R1).
EARTH_RADIUS = 6_371_008.8
METRES_PER_DEGREE = radians(1) * EARTH_RADIUS


def is_known(latitude, longitude):
    """Return True for a point on the earth; 0, 0 (in the sea off Ghana) stands for none given."""
    return bool(latitude or longitude) and -90 <= latitude <= 90 and -180 <= longitude <= 180


def distance(latitude, longitude, other_latitude, other_longitude):
    """Return the metres between two points less than some five kilometres apart."""
    east = (other_longitude - longitude + 180) % 360 - 180
    return METRES_PER_DEGREE * hypot(other_latitude - latitude, east * cos(radians((latitude + other_latitude) / 2)))


def box_around(latitude, longitude, metres):
    """Return ``(south, west, north, east)`` of the smallest box that holds all points within *metres*.

    Near a pole, where a circle has no sides, the box goes all around.
    """
    north_south = metres / METRES_PER_DEGREE
    narrowest = cos(radians(min(abs(latitude) + north_south, 90)))
    east_west = min(north_south / narrowest, 180) if narrowest > 1e-9 else 180
    return (latitude - north_south, longitude - east_west, latitude + north_south, longitude + east_west)


def coarsen(latitude, longitude, metres):
    """Return the point as exact as *metres* allows: the middle of its cell in a grid that wide.

    Whoever sees the result learns the cell and nothing of where in it the point lay. The grid
    is fixed, so that the same point asked twice gives the same answer; 0 leaves it as it is.
    """
    if not metres or not is_known(latitude, longitude):
        return latitude, longitude
    step = metres / METRES_PER_DEGREE
    row = _middle(latitude, step)
    return row, _middle(longitude, step / max(cos(radians(row)), 1e-6))


def _middle(degrees, step):
    return round((degrees // step + 0.5) * step, 7)
