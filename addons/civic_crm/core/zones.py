"""Boundaries of zones, and which zone a point lies in.

Coordinates are degrees of WGS 84, longitude first, as GeoJSON has them (RFC 7946, 3.1.1 and 4).
Nothing is mended in silence: a boundary that is wrong is refused with the reason and the place,
because whoever drew it must know what the city will count by it.
"""

import json
import math
import re
from collections import namedtuple

import numpy as np
import shapely
from shapely import STRtree

MAX_BYTES = 20 * 1024 * 1024
#: A district's official border has some thousands of points; this is far beyond.
MAX_VERTICES = 50_000
#: Decimals of a degree that are kept: about a centimetre.
DECIMALS = 7
#: (west, south, east, north) of countries, islands included: where a city's first boundary is
#: expected, so that swapped coordinates show.
COUNTRY_BOXES = {"ES": (-18.3, 27.5, 4.5, 43.9), "PT": (-31.4, 30.0, -6.1, 42.2)}
#: Points looked up at once; each is a GEOS object of about a hundred bytes.
CHUNK = 250_000

Feature = namedtuple("Feature", "number properties geometry")


class RefusedBoundary(ValueError):
    """A boundary that is not taken.

    ``reason`` is one of ``REASONS``; ``position`` the (longitude, latitude) where it is wrong,
    or None when it is wrong everywhere.
    """

    #: what can be wrong, in the order in which it is looked for
    REASONS = (
        "too_large",  # the text
        "not_json",
        "not_geojson",
        "several_features",
        "wrong_crs",  # another reference system than WGS 84
        "wrong_kind",  # neither a polygon nor several
        "empty",
        "not_numbers",
        "too_many_points",
        "too_few_points",
        "not_closed",
        "swapped",  # latitude first
        "out_of_range",
        "self_crossing",
        "hole_outside",
        "parts_overlap",
        "far_away",  # nowhere near the zone it should be a part of
    )

    def __init__(self, reason, position=None):
        super().__init__(f"{reason} at {position}" if position else reason)
        self.reason = reason
        self.position = position


# ----------------------------------------------------------------------
# reading GeoJSON
# ----------------------------------------------------------------------


def read_features(text):
    """Return the features of a GeoJSON text, as ``Feature(number, properties, geometry)``.

    A bare geometry or a single feature is a list of one. Numbers begin at 1. The geometries
    are as they stand, unchecked: ``parse_geometry`` takes them one by one.

    :raises RefusedBoundary: when the text as a whole is not GeoJSON in WGS 84
    """
    if len(text) > MAX_BYTES:
        raise RefusedBoundary("too_large")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RefusedBoundary("not_json") from error
    if not isinstance(document, dict):
        raise RefusedBoundary("not_geojson")
    _check_reference_system(document)
    kind = document.get("type")
    if kind == "FeatureCollection":
        features = document.get("features")
    else:
        features = [document if kind == "Feature" else {"geometry": document}]
    if not isinstance(features, list) or not all(isinstance(feature, dict) for feature in features):
        raise RefusedBoundary("not_geojson")
    return [
        Feature(number, _as_dict(feature.get("properties")), feature.get("geometry"))
        for number, feature in enumerate(features, 1)
    ]


def parse_boundary(text, near=None, within=None):
    """Return the shapely Polygon or MultiPolygon of a GeoJSON text with one feature.

    :param near: see ``parse_geometry``
    :param within: see ``parse_geometry``
    :raises RefusedBoundary: with the reason and, where there is one, the place
    """
    features = read_features(text)
    if not features:
        raise RefusedBoundary("empty")
    if len(features) > 1:
        raise RefusedBoundary("several_features")
    return parse_geometry(features[0].geometry, near, within)


def parse_geometry(geometry, near=None, within=None):
    """Return a valid shapely Polygon or MultiPolygon of a GeoJSON geometry (a dict).

    Heights are dropped, coordinates rounded to ``DECIMALS``.

    :param near: (west, south, east, north) of a box the boundary is expected to touch; it
        only helps to tell swapped coordinates
    :param within: such a box of the larger zone, which the boundary must touch
    :raises RefusedBoundary: with the reason and, where there is one, the place
    """
    if geometry is None:
        raise RefusedBoundary("empty")
    if not isinstance(geometry, dict):
        raise RefusedBoundary("not_geojson")
    kind = geometry.get("type")
    if kind not in ("Polygon", "MultiPolygon"):
        raise RefusedBoundary("wrong_kind" if kind in _OTHER_KINDS else "not_geojson")
    parts = geometry.get("coordinates")
    parts = [parts] if kind == "Polygon" else parts
    if not isinstance(parts, list) or not all(isinstance(part, list) for part in parts):
        raise RefusedBoundary("not_geojson")
    rings = [[_read_ring(ring) for ring in part] for part in parts]
    if not rings or not all(rings):
        raise RefusedBoundary("empty")
    points = np.concatenate([ring for part in rings for ring in part])
    if len(points) > MAX_VERTICES:
        raise RefusedBoundary("too_many_points")
    _check_range(points, near or within)
    return _make_valid_or_refuse(rings, within)


_OTHER_KINDS = ("Point", "MultiPoint", "LineString", "MultiLineString", "GeometryCollection")
_WGS_84 = re.compile(r"(CRS:?84|EPSG:+(\d[\d.]*)?:?4326)$", re.IGNORECASE)


def _as_dict(value):
    return value if isinstance(value, dict) else {}


def _check_reference_system(document):
    """RFC 7946 knows WGS 84 only; what older files name, must be that."""
    crs = document.get("crs")
    if crs is None:
        return
    name = _as_dict(_as_dict(crs).get("properties")).get("name")
    if not (isinstance(name, str) and _WGS_84.search(name.strip())):
        raise RefusedBoundary("wrong_crs")


def _read_ring(ring):
    if not isinstance(ring, list):
        raise RefusedBoundary("not_geojson")
    if len(ring) > MAX_VERTICES:
        raise RefusedBoundary("too_many_points")
    for point in ring:
        if not (isinstance(point, list) and len(point) >= 2 and all(map(_is_number, point[:2]))):
            raise RefusedBoundary("not_numbers")
    if not ring:
        raise RefusedBoundary("empty")
    points = np.array([point[:2] for point in ring], dtype=float).round(DECIMALS)
    if len(points) < 4:  # RFC 7946, 3.1.6
        raise RefusedBoundary("too_few_points", _place(points[0]))
    if (points[0] != points[-1]).any():
        raise RefusedBoundary("not_closed", _place(points[-1]))
    return points


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _check_range(points, near):
    longitude, latitude = np.abs(points).T
    if (longitude > 180).any() or (latitude > 90).any():
        if (latitude <= 180).all() and (longitude <= 90).all():
            raise RefusedBoundary("swapped", _place(points[0]))
        wrong = np.flatnonzero((longitude > 180) | (latitude > 90))[0]
        raise RefusedBoundary("out_of_range", _place(points[wrong]))
    box = (*points.min(axis=0), *points.max(axis=0))
    if near and not boxes_touch(box, near) and boxes_touch((box[1], box[0], box[3], box[2]), near):
        raise RefusedBoundary("swapped", _place(points[0]))


def _make_valid_or_refuse(rings, within):
    polygons = [shapely.Polygon(part[0], part[1:]) for part in rings]
    for polygon in polygons:
        if not polygon.is_valid:
            raise _explain(polygon)
    geometry = polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
    if not geometry.is_valid:
        raise RefusedBoundary("parts_overlap", _explain(geometry).position)
    if within and not boxes_touch(geometry.bounds, within):
        raise RefusedBoundary("far_away", _place(geometry.bounds[:2]))
    return geometry


def _explain(geometry):
    """Return the refusal of an invalid geometry, from GEOS's words for it."""
    words = shapely.is_valid_reason(geometry)
    found = re.search(r"\[(\S+) (\S+)]$", words)
    position = _place((float(found[1]), float(found[2]))) if found else None
    if words.startswith("Too few points"):
        return RefusedBoundary("too_few_points", position)
    if words.startswith(("Hole lies outside", "Holes are nested")):
        return RefusedBoundary("hole_outside", position)
    return RefusedBoundary("self_crossing", position)


def _place(point):
    return (round(float(point[0]), DECIMALS), round(float(point[1]), DECIMALS))


def boxes_touch(one, other):
    """Tell whether two (west, south, east, north) boxes have a point in common."""
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


# ----------------------------------------------------------------------
# what a boundary comes to
# ----------------------------------------------------------------------

_EQUATOR = 6_378_137.0  # semi-major axis of WGS 84, in metres
_ECCENTRICITY = 0.081819190842622


def area_km2(geometry):
    """Return the area on the ellipsoid of WGS 84, in square kilometres.

    The boundary is drawn on the cylindrical equal-area projection of the ellipsoid, where
    plane areas are true ones (Snyder, Map Projections: A Working Manual, USGS 1987,
    equations 3-12, 10-14 and 10-15 with the equator as standard parallel).
    """

    def project(points):
        sine = np.sin(np.radians(points[:, 1]))
        e = _ECCENTRICITY
        logarithm = np.log((1 - e * sine) / (1 + e * sine)) / (2 * e)
        q = (1 - e * e) * (sine / (1 - (e * sine) ** 2) - logarithm)
        return np.column_stack((_EQUATOR * np.radians(points[:, 0]), _EQUATOR * q / 2))

    return shapely.transform(geometry, project).area / 1e6


def center(geometry):
    """Return (latitude, longitude) of the centre of area, in degrees."""
    point = geometry.centroid
    return (round(point.y, DECIMALS), round(point.x, DECIMALS))


def to_geojson(geometry):
    """Return the geometry as a GeoJSON text, as short as it goes."""
    document = json.loads(shapely.to_geojson(geometry))
    return json.dumps(document, separators=(",", ":"))


def from_geojson(texts):
    """Return shapely geometries of texts that ``to_geojson`` has written."""
    return shapely.from_geojson(np.array(texts, dtype=object))


def simplify_for_map(geometries, max_vertices):
    """Return the geometries with at most about *max_vertices* points, for drawing.

    Borders that two zones share stay shared (GEOS coverage simplification), so that no gaps
    open between neighbours. The result is for the eye only, never for counting.
    """
    geometries = list(geometries)
    if not geometries:
        return geometries
    tolerance = 0.00002  # two metres
    while shapely.get_num_coordinates(geometries).sum() > max_vertices and tolerance < 0.1:
        geometries = list(shapely.coverage_simplify(geometries, tolerance))
        tolerance *= 2
    return geometries


# ----------------------------------------------------------------------
# point → zone
# ----------------------------------------------------------------------


class ZoneIndex:
    """Finds the smallest zone that contains a point.

    Zones come as ``(key, level, geometry)``: a positive int, how far down the tree (a
    larger level is a smaller kind of zone), and a shapely geometry. A zone of the deepest
    level wins. On a border that several zones of one level share, and where zones of one
    level overlap, the first given wins: so the answer does not depend on chance.

    How it works: one STRtree and one array of prepared polygons per level. Candidates
    come from the tree by their boxes; whether they contain the point is asked of the
    prepared polygon, which has its edges sorted, and not of the point, as
    ``STRtree.query(points, predicate=…)`` does.
    """

    NOWHERE = 0

    def __init__(self, zones):
        by_level = {}
        for key, level, geometry in zones:
            by_level.setdefault(level, []).append((key, geometry))
        self._levels = [_Level(by_level[level]) for level in sorted(by_level, reverse=True)]

    def __bool__(self):
        return bool(self._levels)

    def find(self, longitude, latitude):
        """Return the key of the zone of one point, ``NOWHERE`` (0) outside all."""
        return int(self.find_many([longitude], [latitude])[0])

    def find_many(self, longitudes, latitudes):
        """Return the keys of the zones of many points, an int64 array; 0 outside all.

        :param longitudes: sequence of floats, degrees east
        :param latitudes: sequence of floats of the same length, degrees north
        """
        longitudes = np.asarray(longitudes, dtype=float)
        latitudes = np.asarray(latitudes, dtype=float)
        keys = np.zeros(len(longitudes), dtype=np.int64)
        for start in range(0, len(keys), CHUNK):
            part = slice(start, start + CHUNK)
            self._fill(keys[part], longitudes[part], latitudes[part])
        return keys

    def _fill(self, keys, longitudes, latitudes):
        left = np.arange(len(keys))
        for level in self._levels:
            if not len(left):
                return
            keys[left] = level.find(longitudes[left], latitudes[left])
            left = left[keys[left] == self.NOWHERE]


class _Level:
    """The zones of one level, in the order in which they win."""

    def __init__(self, zones):
        self._keys = np.array([key for key, _geometry in zones], dtype=np.int64)
        self._geometries = np.array([geometry for _key, geometry in zones], dtype=object)
        shapely.prepare(self._geometries)
        self._tree = STRtree(self._geometries)

    def find(self, longitudes, latitudes):
        points, zones = self._tree.query(shapely.points(longitudes, latitudes))
        inside = shapely.intersects_xy(self._geometries[zones], longitudes[points], latitudes[points])
        points, zones = points[inside], zones[inside]
        rank = np.full(len(longitudes), len(self._keys))
        np.minimum.at(rank, points, zones)
        return np.append(self._keys, ZoneIndex.NOWHERE)[rank]
