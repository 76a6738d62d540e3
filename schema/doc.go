// Package schema holds the words that both sides share: Salesforce's objects and fields, LDAP's attribute types,
// object classes and entries, and the mapping that leads from the one to the other.
//
// Invariants:
//   - A Schema, a Template and a Mapping don't change once they are built; they are safe for concurrent use.
//   - An Entry carries canonical attribute names, in mapping order, without empty or doubled values.
//   - An entry has cn and sn whenever its record has any name: the person classes demand both (RFC 4519, 3.12), and a
//     company is a person to a desk phone.
//   - The rules that the subschema advertises are those that we evaluate. Two go beyond the RFCs, because phones
//     need them: names and numbers have an ordering, and fax numbers match as telephone numbers do.
//
// It leaves out what values mean: package phone normalises numbers, package name folds names. It knows neither
// the store nor the wire.
package schema
