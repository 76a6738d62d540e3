// Package name compares names as people do: Müller, MULLER and Mueller are one name, the order of its words doesn't
// matter, and what has been typed so far is enough.
//
// A stored value is found under a few folded forms, its variants: ü as u and as ue, ß as ss and as s, an apostrophe
// as a gap and as nothing. An assertion has the same readings, and it matches when one of its readings fits one of the
// variants. So Müller is found by müller, muller and mueller, and a stored Mueller by müller, but a stored Bauer is not
// found by baur: ue becomes u only where a ü was written.
//
// Invariants:
//   - Fold is idempotent; Variants starts with Fold and has at most 32 members, eight if the value is of one script.
//   - A name in another script is found as it is written and in Latin letters; see transliterate.go.
//   - Whatever Pattern.Match accepts also satisfies Pattern.Clauses over VariantWords of the same value: an index
//     proposes a superset, Match decides.
//   - Match, Collation.Compare and AppendFold don't allocate for ASCII values once their buffers have grown, and take time linear
//     in the length of the value.
//   - Collation.Key is a total order; Collation.Compare is the same order with equally folded names as equals.
//
// Bytes that aren't UTF-8 are read as ISO 8859-1, which old handsets and LDAPv2 clients send.
//
// It leaves out ranking and guesses by sound.
package name
