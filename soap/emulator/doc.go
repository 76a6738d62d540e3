// Package emulator is a Salesforce org on loopback that speaks the Partner SOAP API.
//
// It answers POST /services/Soap/u/NN.0[/orgid] for the versions 31.0 to 68.0 with the shapes of the real service:
// login (up to 64.0), logout, getUserInfo, getServerTimestamp, describeGlobal, describeSObject, describeSObjects, query,
// queryAll, queryMore, retrieve, getUpdated and getDeleted. Replies validate against the Partner WSDL 58.0; describe
// gives each version the elements that it knows. Requests may have any prefixes and any SOAPAction, and may be chunked
// or gzip; replies are gzip when the client asks.
//
// # Invariants
//
//   - The same Options and the same calls give the same bytes: data by seed, time by the injected clock.
//   - Generated records are computed from their number and never stored; only changed ones are in memory.
//   - A page is written while it is made. No reply is held, and no lock is held while a client reads.
//   - Records lie sorted by Id and by (SystemModstamp, Id): ranges and keyset pages on these cost a binary search.
//   - A query locator belongs to its session, and the session to its org. Nothing outlives a Reset.
//   - Only loopback: Start refuses other addresses, the management endpoint other callers.
//
// # Data
//
// DIR/<Object>.json is a list of records with API field names, relations by Id. Fields and objects that are not
// standard are made from the data, __c or not, with a type that fits all values. What a record leaves out is filled in:
// CreatedDate (2024-01-01T08:00:00Z and a minute more for each record), LastModifiedDate and SystemModstamp (as
// CreatedDate), IsDeleted, OwnerId and the like (the integration user), and the Name of a person from its parts.
//
// A generated org has companies and people of DE, AT, CH, GB, FR and US with umlauts, accents, hyphens, apostrophes and
// characters that XML must escape; numbers as people type them, with and without country code; switchboards that
// several people share; extensions with a hyphen; empty fields; and a percent of texts that are no number. A record
// without a country has numbers with country code only. Org.Truth tells which number was meant.
//
// Generate.Numbers (emulator --numbers) gives every contact so many numbers, each in a field of its own, all of them valid and
// different. A million contacts with more than one mobile number use up the blocks of some countries: neighbours share
// theirs then.
//
// Small orgs use blocks that the regulators keep for fiction: +49 30 23125, 69 90009, 40 66969, 221 4710, 89 99998 and
// 176 040690; +44 20 7946 0, 113 to 161 496 0 and 7700 900; +33 1 9900, 2 6191, 3 5301, 4 6571, 5 3649 and 6 3998; +1
// 555 01. AT and CH have no such blocks: we use 9999 in Austrian towns, and 00 behind Swiss areas and mobile prefixes and
// behind +43 664, where no subscriber number begins. A million contacts need more, so the blocks are widened where they
// are full: longer numbers behind the German heads, all of +49 176 04, +44 7946 and 496, +44 7700 9, +33 1 99 and 6 39,
// and the exchange 555. Those numbers are invented, but somebody may have them: never dial them.
//
// # Faults
//
// A fault spec is call:when:action[,action…].
//
//	call    the name of a call (query, queryMore, login …) or * for every one
//	when    3 the third call of that name since the spec was added, 2-4, 5- from the fifth on, /10 every tenth, * all
//	action  delay=2s            answer later
//	        cut=1000            break the connection after so many bytes of the body as sent
//	        http=503            an HTML page with that status
//	        fault=CODE[/text]   a SOAP fault
//	        kill-session        end all sessions before the call
//	        late=90s            every second record is invisible to this call for so long after its SystemModstamp
//	        size=+1             a wrong number of rows: a difference with sign, or the number itself
//	        repeat              queryMore: the page before again; query: every record twice
//	        shrink=50           a page of 1 to 50 records, the length depending on its place
//	        trim=1h             getDeleted knows nothing older
//	        org=00D…            another organizationId from now on
//	        hide=Contact.Phone  the user may no longer see the field, from now on
//	        serverurl=http://…  login names that address, from now on
//
// Examples: query:3:delay=2s, queryMore:*:cut=1000, login:1:fault=INVALID_LOGIN, query:2-4:http=503, *:5:kill-session.
//
// # OAuth
//
// POST /services/oauth2/token serves client_credentials, jwt-bearer (RS256), refresh_token, authorization_code (PKCE)
// and password for one app; an access token is a session. GET /services/oauth2/authorize approves at once and redirects
// to any loopback address. /services/oauth2/revoke, /services/oauth2/userinfo and the identity URL are there too. The
// app is emulator-client with the secret emulator-secret; OAuth has its switches. The fault script's call is token; its
// fault=CODE/text is the JSON error, in small letters.
//
// # Permissions
//
// UserPermissionAccess, PermissionSet, PermissionSetAssignment, ObjectPermissions, FieldPermissions and EntityDefinition
// tell what the user may see: its own permission set, that of an administrator's profile, hidden fields, and the sharing
// defaults. The middle four need View Setup and Configuration, as since API version 49.0. Queries give all records
// whatever these say.
//
// # Management
//
// /_emulator/ is JSON, without a password, for this machine only.
//
//	GET    /_emulator/                            address, organization, time, record counts, faults, settings, counters
//	GET    /_emulator/counters                    calls by name, logins
//	GET    /_emulator/records/OBJECT/ID           fields, and the numbers that were meant
//	POST   /_emulator/records/OBJECT[?late=90s]   a record or a list: with a known Id an update, else a new record; late
//	                                              keeps it from queries for so long. Answers {"ids": […]}
//	DELETE /_emulator/records/OBJECT/ID[?purge=true]
//	POST   /_emulator/undelete/OBJECT/ID
//	POST   /_emulator/merge/OBJECT                {"master": "…", "losers": ["…"]}
//	POST   /_emulator/fields/OBJECT               {"name": "Desk__c", "type": "string", "length": 80}; calculated makes a formula
//	DELETE /_emulator/fields/OBJECT/FIELD
//	POST   /_emulator/permissions/OBJECT/FIELD    {"visible": false}
//	POST   /_emulator/clock                       {"now": "2026-01-31T10:00:00Z"}, {"advance": "1h"} or {"free": true}
//	POST   /_emulator/faults                      {"faults": ["query:3:delay=2s"]}
//	DELETE /_emulator/faults
//	DELETE /_emulator/sessions
//	GET    /_emulator/settings
//	POST   /_emulator/settings                    some of session_seconds, login_disabled, trusted_network, sandbox,
//	                                              password_expired, daily_limit, deleted_since
//	GET    /_emulator/permissions
//	POST   /_emulator/permissions                 some of view_setup, view_all_data, no_view_all (objects), sharing (by object)
//	GET    /_emulator/oauth                       the app's switches
//	POST   /_emulator/oauth                       some of client_id, client_secret, public_key (PEM), generic_host, no_run_as,
//	                                              not_approved, denied, no_password, rotate, jwt_tokens
//	POST   /_emulator/reset
//
// # What it leaves out
//
// Calls that change records (they get a fault; the management endpoint changes records), search, sharing rules, record
// types, layouts, the enterprise, metadata and tooling endpoints, and REST. In SOQL: semi-joins, HAVING, functions on
// dates, geo functions, TYPEOF, and sorted groups; each gives a MALFORMED_QUERY.
package emulator
