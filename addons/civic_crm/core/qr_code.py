"""A QR code as a drawing that stands in the page itself: nothing to fetch, sharp on paper."""

import io

import qrcode
import qrcode.constants
import qrcode.image.svg


def svg(text):
    """Return *text* as the SVG element of a QR code (ISO/IEC 18004, a seventh of it may be unreadable)."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
    code.add_data(text)
    out = io.BytesIO()
    code.make_image(image_factory=qrcode.image.svg.SvgPathImage).save(out)
    drawing = out.getvalue().decode()
    return drawing[drawing.index("<svg") :]
