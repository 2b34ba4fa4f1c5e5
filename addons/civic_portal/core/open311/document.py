"""Answers in both formats, from the same plain values.

XML by the specification's rules (UTF-8, declaration, no namespaces). JSON by the Spark convention: the root is
dropped, containers are arrays even with one child, what is empty is null. Ids and codes are strings, flags are
booleans, as ``open311/schema-validation`` wants them; the specification's own examples print neither valid JSON nor
one type throughout.
"""

import json
import re

from lxml import etree

#: What the children of a container are called in XML.
CHILD = {
    "attributes": "attribute",
    "endpoints": "endpoint",
    "formats": "format",
    "notes": "note",
    "photos": "photo",
    "values": "value",
}
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_json(content):
    """Return *content*, a dict or a list of dicts, as UTF-8 bytes."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def to_xml(root, content, child=""):
    """Return *content* as an XML document in UTF-8.

    :param str root: name of the root element
    :param content: a dict, or a list of dicts that become *child* elements
    """
    element = etree.Element(root)
    if isinstance(content, dict):
        _fill(element, content)
    else:
        for row in content:
            _fill(etree.SubElement(element, child), row)
    return etree.tostring(element, xml_declaration=True, encoding="utf-8")


def _fill(element, row):
    for name, value in row.items():
        _put(etree.SubElement(element, name), name, value)


def _put(element, name, value):
    if isinstance(value, dict):
        _fill(element, value)
    elif isinstance(value, list | tuple):
        for part in value:
            _put(etree.SubElement(element, CHILD[name]), CHILD[name], part)
    elif isinstance(value, bool):
        element.text = "true" if value else "false"
    elif value is not None:
        element.text = _NOT_XML.sub("", str(value))
