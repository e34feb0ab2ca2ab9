"""Reads documents (a JSON list of texts) from standard input, and writes for each what libxml2 makes of it: null where it refuses it.

"unknown" where it refuses only the name of a namespace, which need not be a URI that it likes.
"""

import json
import sys

from lxml import etree


def read(text):
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(text.encode(), parser)
    except ValueError:
        return None
    except etree.XMLSyntaxError:
        errors = [error.type_name for error in parser.error_log if error.level_name != "WARNING"]
        return "unknown" if set(errors) == {"WAR_NS_URI"} else None
    try:
        # With something beside the root, lxml copies it into a document of its own, and the inclusive form is of the copy.
        is_alone = root.getprevious() is None and root.getnext() is None
        canonical = [canonicalized(root, False) if is_alone else "unknown", canonicalized(root, True, ["a", "saml"])]
        canonical += [canonicalized(element, True) for element in root.iter(etree.Element)]
    except etree.C14NError:
        return "unknown"
    return {"tree": tree(root), "canonical": canonical}


def canonicalized(element, exclusive, prefixes=None):
    return etree.tostring(element, method="c14n", exclusive=exclusive, with_comments=False, inclusive_ns_prefixes=prefixes).decode()


def tree(element):
    nodes = [element.text or ""]
    for child in element:
        nodes += [tree(child) if isinstance(child.tag, str) else None, child.tail or ""]
    return [element.tag, element.prefix or "", sorted(element.attrib.items()), nodes]


json.dump([read(text) for text in json.load(sys.stdin)], sys.stdout)
