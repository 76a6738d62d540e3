// Package soap is a client of Salesforce's Partner SOAP API: it logs in, describes
// objects, runs queries page by page and asks what was changed and deleted.
//
// The calls go through github.com/tiaguinho/gosoap, which writes the envelopes and
// reads the small replies. What it lacks sits in an http.RoundTripper below it
// (exchange): each call gets a gosoap client of its own, since that is cheap beside
// a network round trip and leaves nothing to share. A small WSDL of our own is
// embedded; no WSDL is ever loaded from anywhere, and its address is never called.
//
// The reply of a call is read whole, within Options.MaxReply, and then scanned
// once: <records>, <ids> and <deletedRecords> go straight into Go values, parts of
// a description that nobody asks for are dropped, and gosoap sees what remains. The
// scanner knows the XML of SOAP 1.1 and no more; encoding/xml is its oracle in the
// tests. Records of one query look alike, so it compares their tags, byte for byte,
// with those of the record before (layout).
//
// What holds:
//
//   - A page of records comes whole or not at all: its envelope was complete, and
//     its number of records, done, size and locator agree. An error is never "no
//     rows". A cursor holds the bytes of one page.
//   - Passwords, tokens and session ids appear in no error, log line or printed
//     value, not even where a server repeats them. Errors of gosoap, which carry the
//     request, never leave the package.
//   - Credentials and sessions go only to https hosts of Salesforce, or to hosts that
//     Options.AllowedHosts names; plain http only to loopback hosts of that list.
//     Redirects are not followed, and a login's server URL is checked like any other.
//   - Refused credentials are tried once: until Client.Reset every further call gets
//     ErrCredentials without a request, since wrong passwords lock a user out.
//   - A session that ended is renewed once, by one login for all callers, and the
//     call repeated. A query in progress cannot be resumed: its locator died with the
//     session, and Page gives ErrLocator.
//   - A value with characters that XML forbids costs itself, not its record: the
//     characters are left out, the value is marked and the page counts it.
//   - Every call ends: with its context, and by the timeouts of Options.
//
// What it leaves out: retries and their pauses (the caller's, by ErrTemporary and
// ErrLimit), writing records, sub-query results (skipped), the Bulk and REST APIs.
// login() ends with API version 64.0 and with Summer '27 (LoginEnds);
// ClientCredentials, JWTBearer, RefreshToken and PasswordGrant log in with OAuth
// and drive the same calls.
package soap
