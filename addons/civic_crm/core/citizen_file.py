"""What a citizen may send along: photos and PDF documents, made harmless.

A telephone writes into each photo where and when it was taken. The city asks for the place;
it does not collect it behind the citizen's back, and it never publishes it by accident: every
photo is drawn anew, upright, at most ``PHOTO_EDGE`` pixels long, without its metadata.
"""

import importlib
import io

from PIL import Image, ImageOps

# Odoo keeps Pillow from loading further formats by itself; WebP is what Android sends
importlib.import_module("PIL.WebPImagePlugin")

MAX_FILES = 5
MAX_BYTES = 10 * 1024 * 1024
PHOTO_EDGE = 1920
#: Above this a small file may unfold into gigabytes (a decompression bomb). JPEG, which
#: telephones make large, is unpacked at a fraction of its size.
MAX_PIXELS = 25_000_000
MAX_JPEG_PIXELS = 120_000_000

_SAVED_AS = {
    "JPEG": ("JPEG", ".jpg", {"quality": 85, "optimize": True}),
    "MPO": ("JPEG", ".jpg", {"quality": 85, "optimize": True}),
    "PNG": ("PNG", ".png", {"optimize": True}),
    "WEBP": ("JPEG", ".jpg", {"quality": 85, "optimize": True}),
}


class RefusedFile(ValueError):
    """A file that is not taken; ``reason`` is ``too_large`` or ``wrong_kind``."""

    def __init__(self, name, reason):
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason


def clean(name, data):
    """Return ``(name, bytes)`` of *data* as it may be stored.

    The kind is read from the content; what the sender calls it proves nothing.

    :raises RefusedFile: when the file is too large, or neither a photo nor a PDF
    """
    if len(data) > MAX_BYTES:
        raise RefusedFile(name, "too_large")
    stem = _safe_stem(name)
    if data.startswith(b"%PDF-"):
        return f"{stem}.pdf", data
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.format not in _SAVED_AS:
                raise RefusedFile(name, "wrong_kind")
            is_jpeg = image.format in ("JPEG", "MPO")
            if image.width * image.height > (MAX_JPEG_PIXELS if is_jpeg else MAX_PIXELS):
                raise RefusedFile(name, "too_large")
            kind, ending, options = _SAVED_AS[image.format]
            if is_jpeg:
                image.draft("RGB", (PHOTO_EDGE, PHOTO_EDGE))
            photo = ImageOps.exif_transpose(image)
            photo.thumbnail((PHOTO_EDGE, PHOTO_EDGE))
            if kind == "JPEG" and photo.mode != "RGB":
                photo = photo.convert("RGB")
            out = io.BytesIO()
            _without_metadata(photo).save(out, kind, **options)
    except RefusedFile:
        raise
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise RefusedFile(name, "wrong_kind") from error
    return f"{stem}{ending}", out.getvalue()


def _safe_stem(name):
    stem = (name or "").replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
    stem = "".join(c for c in stem if c.isprintable()).strip(". ")
    return stem[:80] or "file"


def _without_metadata(image):
    """Return the picture alone: what Pillow would write back lives in ``info``."""
    image.info = {}
    image.getexif().clear()
    return image
