# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mail as it comes to a city: of people, of machines, broken and hostile, from a seed."""

import random

from .photos import phone_photo

MARK = b"X-Test-Number: "


def make_mails(count, seed):
    """Return *count* mails as bytes; the n-th has ``X-Test-Number: n`` in its head, and so is unlike all others."""
    chance = random.Random(seed)
    kinds = [_plain] * 6 + [_multipart, _broken, _huge, _empty, _again, _machine, _loop, _nobodys, _headless, _list]
    return [_finish(chance.choice(kinds)(number, chance), number) for number in range(count)]


def _finish(mail, number):
    head, _gap, body = mail.partition(b"\n\n")
    lines = [MARK + b"%d" % number, *head.split(b"\n")]
    return b"\r\n".join([*filter(None, lines), b"", *body.split(b"\n")])


def number_of(raw):
    """The number of a mail that came back as *raw*."""
    return int(raw.split(MARK, 1)[1].split(b"\r\n", 1)[0].split(b"\n", 1)[0])


def _head(number, sender=None, to=b"lighting@city.test", **more):
    lines = [
        b"From: %s" % (sender or b"Person <p%d@home.test>" % number),
        b"To: %s" % to,
        b"Subject: Number %d" % number,
        b"Message-Id: <n%d@home.test>" % number,
        *(b"%s: %s" % (name.replace("_", "-").encode(), value) for name, value in more.items()),
    ]
    return b"\n".join(lines)


def _plain(number, chance):
    to = chance.choice([b"lighting@city.test", b"parks@city.test", b"parks@city.test, lighting@city.test"])
    return _head(number, to=to) + b"\n\nThe lamp at number %d is out.\n" % number


def _multipart(number, chance):
    kind = b"multipart/mixed; boundary=%s" % chance.choice([b"x", b'"x y"', b""])
    photo = phone_photo().hex().encode()[: chance.randrange(9000)]
    body = b"--x\nContent-Type: text/html\n\n<p>See <b>%d</b><script>alert(1)</script>\n--x\n" % number
    body += b"Content-Type: image/jpeg; name=a.jpg\nContent-Transfer-Encoding: base64\n\n%s\n" % photo
    return _head(number, Content_Type=kind) + b"\n\n" + body + chance.choice([b"--x--\n", b"", b"--x\n"])


def _broken(number, chance):
    charset = chance.choice([b"utf-8", b"x-klingon", b"utf-7", b"iso-8859-1", b"unknown-8bit"])
    coding = chance.choice([b"8bit", b"base64", b"quoted-printable", b"uuencode"])
    text = bytes(chance.choice(b"\x00\xff\xe9=?ab \x1b\x80") for _ in range(200))
    head = _head(number, Content_Type=b"text/plain; charset=" + charset, Content_Transfer_Encoding=coding)
    return head.replace(b"Number", chance.choice([b"=?utf-8?B?broken", b"\xff\xfe\x00", b"Number"])) + b"\n\n" + text


def _huge(number, chance):
    return _head(number) + b"\n\n" + b"x" * chance.randrange(100_000, 3_000_000)


def _empty(number, chance):
    return chance.choice([b"", _head(number), b"To: lighting@city.test"]) + b"\n\n"


def _again(number, chance):
    """Many under the same name, with the same words or others."""
    head = _head(number, sender=b"Again%d <again%d@home.test>" % (number % 4, number % 4))
    head = head.replace(b"<n%d@" % number, b"<same@").replace(b"Number %d" % number, b"The same")
    return head + b"\n\nWords %d\n" % (number % 5)


def _machine(number, chance):
    header = chance.choice([("Auto_Submitted", b"auto-replied"), ("Precedence", b"bulk"), ("Return_Path", b"<>")])
    return _head(number, **dict([header])) + b"\n\nI am away.\n"


def _loop(number, chance):
    return _head(number, sender=b"loop@home.test") + b"\n\nAgain %d\n" % number


def _nobodys(number, chance):
    return _head(number, to=chance.choice([b"nobody@city.test", b"", b"undisclosed-recipients:;"])) + b"\n\nHello\n"


def _headless(number, chance):
    return bytes(chance.choice(b"abc:\n <>@\xe9") for _ in range(300)) + b"\n\n"


def _list(number, chance):
    return _head(number, List_Id=b"<all.home.test>", Message_Id_=b"<%s>" % (b"z" * 3000)) + b"\n\nTo all\n"
