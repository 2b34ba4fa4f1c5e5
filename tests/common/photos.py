# SPDX-License-Identifier: AGPL-3.0-or-later
"""A photo as a phone takes it: with the place where it was taken inside."""

import io

from PIL import ExifTags, Image

GPS = ExifTags.IFD.GPSInfo


def phone_photo(colour=(96, 108, 120)):
    """JPEG bytes with GPS coordinates in its EXIF data."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Telephone"
    gps = exif.get_ifd(GPS)
    gps[ExifTags.GPS.GPSLatitudeRef] = "N"
    gps[ExifTags.GPS.GPSLatitude] = (40.0, 25.0, 1.0)
    gps[ExifTags.GPS.GPSLongitudeRef] = "W"
    gps[ExifTags.GPS.GPSLongitude] = (3.0, 42.0, 2.0)
    file = io.BytesIO()
    Image.new("RGB", (800, 600), colour).save(file, "JPEG", exif=exif)
    return file.getvalue()


def tells_the_place(photo):
    """Does the photo say where it was taken?"""
    return bool(Image.open(io.BytesIO(photo)).getexif().get_ifd(GPS))
