"""What python3-ldap3 makes of a directory of 300 contacts and 50 accounts: schema, paging, sorting, StartTLS.

ldap3 reads the schema when it binds, and refuses filters on attributes that are not in it.
"""
import ssl
import sys

import ldap3

host, port, certificate = sys.argv[1], int(sys.argv[2]), sys.argv[3]
tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=certificate, valid_names=["127.0.0.1", "localhost"])
server = ldap3.Server(host, port=port, get_info=ldap3.ALL, tls=tls)
connection = ldap3.Connection(server, auto_bind=ldap3.AUTO_BIND_TLS_BEFORE_BIND)

info, schema = server.info, server.schema
assert "dc=ringdex" in info.naming_contexts, info.naming_contexts
controls = {c[0] for c in info.supported_controls}
assert {"1.2.840.113556.1.4.319", "1.2.840.113556.1.4.473", "2.16.840.1.113730.3.4.9"} <= controls, controls
assert {f[0] for f in info.supported_features} >= {"1.3.6.1.4.1.4203.1.5.1", "1.3.6.1.4.1.4203.1.5.3"}
for name in ("cn", "telephoneNumber", "objectClass", "entryUUID", "modifyTimestamp"):
    assert name in schema.attribute_types, name
assert "inetOrgPerson" in schema.object_classes and "sn" in schema.object_classes["person"].must_contain
assert "caseIgnoreMatch" in schema.matching_rules and schema.ldap_syntaxes
for kind in (schema.attribute_types, schema.object_classes, schema.matching_rules, schema.matching_rule_uses, schema.ldap_syntaxes):
    assert kind, "a kind of definitions is missing or can't be parsed"

people = "(objectClass=person)"
pages = list(connection.extend.standard.paged_search("dc=ringdex", people, attributes=["cn", "sn"], paged_size=37, generator=True))
assert len(pages) == 350 and len({e["dn"] for e in pages}) == 350, len(pages)

order = ldap3.protocol.rfc2696.paged_search_control(False, 10, "")
assert connection.search("dc=ringdex", people, attributes=["sn"], controls=[order]) and len(connection.entries) == 10

assert connection.search("dc=ringdex", "(&(sn=m*)(telephoneNumber=*))", attributes=[ldap3.ALL_ATTRIBUTES, ldap3.ALL_OPERATIONAL_ATTRIBUTES])
entry = connection.entries[0]
assert entry.entryUUID.value and entry.modifyTimestamp.value and entry.hasSubordinates.value is False, entry
assert connection.compare(entry.entry_dn, "sn", entry.sn.value)
assert not connection.compare(entry.entry_dn, "sn", "nobody")
assert connection.extend.standard.who_am_i() is None
for refused in (lambda: connection.delete(entry.entry_dn), lambda: connection.modify(entry.entry_dn, {"sn": [(ldap3.MODIFY_REPLACE, ["x"])]})):
    assert not refused() and connection.result["description"] == "unwillingToPerform", connection.result
connection.unbind()
print("ok")
