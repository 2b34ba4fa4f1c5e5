"""How each network writes messages: one file a network, without Odoo.

A network's file says how many messages there are in what came (``names``), reads one of them (``read``) and writes an
answer as the network wants it (``answer``). ``Unreadable`` is raised for whatever is not as the network publishes it.
"""
