// Package phone turns telephone numbers, as people write them and as exchanges show them, into keys that compare.
//
// Two sides meet in a key, a string of digits. Parse reads the fields of records: it splits a field into its numbers,
// takes extension words, URIs and remarks apart, and normalises each number to E.164 under the country of its record.
// Candidates reads what a phone asks for: under the dialling location (country, area, outside line, own head number,
// length of own extensions) it lists every reading of the digits, best first. A record is a hit if one of its keys
// equals a candidate; nothing is ever compared by suffix, so that a short number can't hit the end of a long one.
//
// Invariants:
//   - A number that can't be normalised is not lost: its digits are a key, and so is the reading under the country code.
//   - Service and emergency numbers (110, 116117, 911) and own extensions never become E.164 numbers, and a service
//     number that is asked for is only itself.
//   - Withheld and unknown callers (anonymous, "", "*") have no candidates.
//   - Where numbers are read without libphonenumber the result is the library's: each plan's patterns are compiled into
//     one automaton, and tests hold every answer against the library.
//   - Whatever the input is, its length is bounded first, nothing panics, and nothing is kept.
//   - AppendCandidates allocates nothing for digits; a lookup calls it once for each filter value.
//
// An extension is part of the number where it is dialled directly behind it (Germany, Austria, Luxembourg and wherever
// else the result is a number of the plan), so "+49 7031 123 App. 456" and "+49 7031 123-456" are the same. Elsewhere
// ("+1 202 555 0123 ext. 5") the number is that of the switchboard, and the extension is kept beside it.
//
// Left out: who a head number belongs to, and which of several hits is shown. That is package directory's, which knows
// the records; Number.HyphenAt and Number.Head say where a spelling ends its head number. Also left out is the number's
// type and its place.
package phone
