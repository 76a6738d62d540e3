package protocol

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// outcome decodes pdu and says how it went: "ok", "close", or the result code's name.
func outcome(d *Decoder, pdu []byte) (string, *Message, error) {
	m, err := d.Decode(pdu)
	if err == nil {
		return "ok", m, nil
	}
	if e := (*EnvelopeError)(nil); errors.As(err, &e) {
		return "close", m, err
	}
	if e := (*Error)(nil); errors.As(err, &e) {
		return e.Code.String(), m, err
	}
	return "unclassified", m, err
}

func TestEnvelope(t *testing.T) {
	t.Parallel()
	unbind := raw("\x42\x00")
	tests := []struct {
		name string
		pdu  []byte
		want string
	}{
		{"unbind", message(1, unbind), "ok"},
		{"largest id", message(1<<31-1, unbind), "ok"},
		{"id 2^31", message(1<<31, unbind), "close"},
		{"id 0", message(0, unbind), "close"},
		{"negative id", message(-1, unbind), "close"},
		{"id of nine octets", elem(0x30, raw("\x02\x09\x01\x00\x00\x00\x00\x00\x00\x00\x00"), unbind), "close"},
		{"padded id", elem(0x30, raw("\x02\x03\x00\x00\x07"), unbind), "ok"},
		{"id without content", elem(0x30, raw("\x02\x00"), unbind), "close"},
		{"id as ENUMERATED", elem(0x30, enum(1), unbind), "close"},
		{"nothing", nil, "close"},
		{"empty SEQUENCE", raw("\x30\x00"), "close"},
		{"no operation", elem(0x30, num(1)), "close"},
		{"SET", elem(0x31, num(1), unbind), "close"},
		{"HTTP", raw("GET / HTTP/1.1\r\n\r\n"), "close"},
		{"bytes behind the message", append(message(1, unbind), 0), "close"},
		{"two messages", append(message(1, unbind), message(2, unbind)...), "close"},
		{"cut off", message(1, unbind)[:4], "close"},
		{"indefinite length", raw("\x30\x80\x02\x01\x01\x42\x00\x00\x00"), "close"},
		{"length of four billion", raw("\x30\x84\xff\xff\xff\xff\x02\x01\x01"), "close"},
		{"unknown operation", message(1, elem(0x7e)), "close"},
		{"a response", message(1, elem(0x65, enum(0), str(""), str(""))), "close"},
		{"universal tag as operation", message(1, str("x")), "close"},
		{"operation past the end", message(1, raw("\x63\x20\x04\x00")), "close"},
		{"unknown component behind the operation", message(1, unbind, raw("\x85\x01x")), "ok"},
		{"garbage behind the operation", message(1, unbind, raw("\x85\x09x")), "close"},
		{"garbage behind a search", message(1, searchOp(present("cn")), raw("\xff\xff\xff")), "close"},
		{"broken length inside of a search", message(1, elem(0x63, raw("\x04\x7fdc"))), "close"},
		{"indefinite length inside of a search", searchMessage(raw("\xa0\x80\x00\x00")), "close"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var d Decoder
			got, m, err := outcome(&d, tt.pdu)
			if got != tt.want {
				t.Fatalf("got %s (%v), want %s", got, err, tt.want)
			}
			if got == "close" && m != nil {
				t.Error("a message in spite of an envelope error")
			}
		})
	}
}

func TestSearchRequest(t *testing.T) {
	t.Parallel()
	op := func(change func(p [][]byte) [][]byte) []byte {
		return message(2, elem(0x63, change([][]byte{
			str("dc=example,dc=org"), enum(2), enum(3), num(1), num(2), boolean(true), present("cn"), elem(0x30, str("cn"), str("*")),
		})...))
	}
	set := func(i int, v []byte) []byte {
		return op(func(p [][]byte) [][]byte { p[i] = v; return p })
	}
	many := func(n int) []byte { return set(7, elem(0x30, bytes.Repeat(str("cn"), n))) }
	tests := []struct {
		name string
		pdu  []byte
		want string
	}{
		{"as it should be", set(0, str("")), "ok"},
		{"base at the limit", set(0, str(strings.Repeat("x", 4096))), "ok"},
		{"base above the limit", set(0, str(strings.Repeat("x", 4097))), "adminLimitExceeded"},
		{"base constructed", set(0, elem(0x24, str("dc=org"))), "protocolError"},
		{"scope base", set(1, enum(0)), "ok"},
		{"scope 3", set(1, enum(3)), "protocolError"},
		{"scope 255", set(1, enum(255)), "protocolError"},
		{"scope negative", set(1, enum(-1)), "protocolError"},
		{"scope without content", set(1, raw("\x0a\x00")), "protocolError"},
		{"scope as INTEGER", set(1, num(2)), "protocolError"},
		{"scope padded", set(1, raw("\x0a\x02\x00\x02")), "ok"},
		{"deref 0", set(2, enum(0)), "ok"},
		{"deref 4", set(2, enum(4)), "protocolError"},
		{"size limit negative", set(3, num(-1)), "protocolError"},
		{"size limit largest", set(3, num(1<<31-1)), "ok"},
		{"size limit 2^31", set(3, num(1<<31)), "protocolError"},
		{"size limit beyond 64 bits", set(3, raw("\x02\x09\x7f\x00\x00\x00\x00\x00\x00\x00\x00")), "protocolError"},
		{"time limit negative", set(4, num(-1)), "protocolError"},
		{"time limit 2^31", set(4, num(1<<31)), "protocolError"},
		{"typesOnly without content", set(5, raw("\x01\x00")), "protocolError"},
		{"typesOnly of two octets", set(5, raw("\x01\x02\x00\x00")), "protocolError"},
		{"typesOnly as 1", set(5, raw("\x01\x01\x01")), "ok"},
		{"attributes at the limit", many(512), "ok"},
		{"attributes above the limit", many(513), "adminLimitExceeded"},
		{"no attributes", many(0), "ok"},
		{"empty attribute", set(7, elem(0x30, str(""))), "ok"},
		{"attribute as INTEGER", set(7, elem(0x30, num(1))), "protocolError"},
		{"attributes missing", op(func(p [][]byte) [][]byte { return p[:7] }), "close"},
		{"unknown component at the end", op(func(p [][]byte) [][]byte { return append(p, ctx(9, "new")) }), "ok"},
		{"garbage at the end", op(func(p [][]byte) [][]byte { return append(p, raw("\x04\x10")) }), "close"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var d Decoder
			got, m, err := outcome(&d, tt.pdu)
			if got != tt.want {
				t.Fatalf("got %s (%v), want %s", got, err, tt.want)
			}
			if got != "close" && (m.ID != 2 || m.Op != OpSearchRequest) {
				t.Errorf("got id %d and %v", m.ID, m.Op)
			}
			if (got == "ok") != (m != nil && m.Search != nil) {
				t.Errorf("search set: %v", m != nil && m.Search != nil)
			}
		})
	}
}

func TestBindRequest(t *testing.T) {
	t.Parallel()
	bind := func(parts ...[]byte) []byte { return message(1, elem(0x60, parts...)) }
	tests := []struct {
		name string
		pdu  []byte
		want string
		text string // describe's answer
	}{
		{"anonymous", bind(num(3), str(""), ctx(0, "")), "ok", "version 3\nname \"\"\nsimple, 0 octets\n"},
		{"version 2", bind(num(2), str("cn=a"), ctx(0, "pw")), "ok", "version 2\nname \"cn=a\"\nsimple, 2 octets\n"},
		{"version 4", bind(num(4), str(""), ctx(0, "")), "ok", "version 4\nname \"\"\nsimple, 0 octets\n"},
		{"version 0", bind(num(0), str(""), ctx(0, "")), "protocolError", ""},
		{"version 128", bind(num(128), str(""), ctx(0, "")), "protocolError", ""},
		{"sasl", bind(num(3), str(""), elem(0xa3, str("PLAIN"), str("x"))), "ok", "version 3\nname \"\"\nsasl \"PLAIN\" \"x\"\n"},
		{"sasl without credentials", bind(num(3), str(""), elem(0xa3, str("EXTERNAL"))), "ok", "version 3\nname \"\"\nsasl \"EXTERNAL\" \"\"\n"},
		{"sasl with an empty mechanism", bind(num(3), str(""), elem(0xa3, str(""))), "ok", "version 3\nname \"\"\nsasl \"\" \"\"\n"},
		{"sasl without mechanism", bind(num(3), str(""), elem(0xa3)), "close", ""},
		{"Kerberos of LDAPv2", bind(num(2), str(""), ctx(1, "")), "ok", "version 2\nname \"\"\nother method\n"},
		{"no authentication", bind(num(3), str("")), "close", ""},
		{"name at the limit", bind(num(3), str(strings.Repeat("x", 4096)), ctx(0, "")), "ok", fmt.Sprintf("version 3\nname %q\nsimple, 0 octets\n", strings.Repeat("x", 4096))},
		{"name above the limit", bind(num(3), str(strings.Repeat("x", 4097)), ctx(0, "")), "adminLimitExceeded", ""},
		{"constructed password", bind(num(3), str(""), elem(0xa0, str("x"))), "ok", "version 3\nname \"\"\nother method\n"},
		{"empty controls", message(1, elem(0x60, num(3), str(""), ctx(0, "")), raw("\xa0\x00")), "ok", "version 3\nname \"\"\nsimple, 0 octets\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var d Decoder
			got, m, err := outcome(&d, tt.pdu)
			if got != tt.want {
				t.Fatalf("got %s (%v), want %s", got, err, tt.want)
			}
			if got == "ok" && describe(m) != "BindRequest 1\n"+tt.text {
				t.Errorf("got %s", describe(m))
			}
		})
	}
}

func TestOtherRequests(t *testing.T) {
	t.Parallel()
	dn := strings.Repeat("x", 4097)
	tests := []struct {
		name string
		pdu  []byte
		want string
	}{
		{"abandon", message(5, raw("\x50\x01\x04")), "ok"},
		{"abandon without content", message(5, raw("\x50\x00")), "protocolError"},
		{"abandon of itself", message(5, raw("\x50\x01\x05")), "ok"},
		{"abandon with a broken control", message(5, raw("\x50\x01\x04"), elem(0xa0, num(1))), "ok"},
		{"unbind with content", message(5, raw("\x42\x01x")), "ok"},
		{"compare", message(5, elem(0x6e, str("cn=a"), elem(0x30, str("cn"), str("a")))), "ok"},
		{"compare without assertion", message(5, elem(0x6e, str("cn=a"))), "close"},
		{"compare of a long DN", message(5, elem(0x6e, str(dn), elem(0x30, str("cn"), str("a")))), "adminLimitExceeded"},
		{"extended", message(5, elem(0x77, ctx(0, "1.2.3"))), "ok"},
		{"extended with value", message(5, elem(0x77, ctx(0, "1.2.3"), ctx(1, ""))), "ok"},
		{"extended without name", message(5, elem(0x77, ctx(1, "x"))), "protocolError"},
		{"delete", message(5, ber4a("cn=a")), "ok"},
		{"delete of a long DN", message(5, ber4a(dn)), "adminLimitExceeded"},
		{"add", message(5, elem(0x68, str("cn=a"), elem(0x30))), "ok"},
		{"modify", message(5, elem(0x66, str("cn=a"), elem(0x30))), "ok"},
		{"modifyDN", message(5, elem(0x6c, str("cn=a"), str("cn=b"), boolean(true))), "ok"},
		{"add without DN", message(5, elem(0x68, num(1))), "protocolError"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var d Decoder
			got, m, err := outcome(&d, tt.pdu)
			if got != tt.want {
				t.Fatalf("got %s (%v), want %s", got, err, tt.want)
			}
			if got == "ok" {
				sameAsGoLDAP(t, tt.pdu, m)
			}
		})
	}
	var d Decoder
	if _, err := d.Decode(message(5, raw("\x50\x01\xff"))); err != nil || d.msg.Abandon.ID != 0 {
		t.Errorf("abandon of -1: got %d, %v, want 0", d.msg.Abandon.ID, err)
	}
}

func ber4a(dn string) []byte { return elem(0x4a, raw(dn)) }

func TestRequestControls(t *testing.T) {
	t.Parallel()
	with := func(controls ...[]byte) []byte {
		return message(2, searchOp(present("cn")), elem(0xa0, controls...))
	}
	numbered := func(n int) (list [][]byte) {
		for i := range n {
			list = append(list, control(fmt.Sprintf("1.2.%d", i)))
		}
		return list
	}
	tests := []struct {
		name string
		pdu  []byte
		want string
		text string
	}{
		{"none", with(), "ok", ""},
		{"type only", with(control("1.2.3")), "ok", "control 1.2.3\n"},
		{"criticality", with(control("1.2.3", boolean(true))), "ok", "control 1.2.3 critical\n"},
		{"criticality as 1", with(control("1.2.3", raw("\x01\x01\x01"))), "ok", "control 1.2.3 critical\n"},
		{"criticality FALSE", with(control("1.2.3", boolean(false))), "ok", "control 1.2.3\n"},
		{"criticality of two octets", with(control("1.2.3", raw("\x01\x02\xff\xff"))), "protocolError", ""},
		{"criticality without content", with(control("1.2.3", raw("\x01\x00"))), "protocolError", ""},
		{"empty value", with(control("1.2.3", str(""))), "ok", "control 1.2.3: \n"},
		{"all three", with(control("1.2.3", boolean(true), str("v"))), "ok", "control 1.2.3 critical: 76\n"},
		{"unknown component", with(control("1.2.3", str("v"), ctx(4, "x"))), "ok", "control 1.2.3: 76\n"},
		{"empty type", with(control("")), "protocolError", ""},
		{"no type", with(elem(0x30)), "close", ""},
		{"no SEQUENCE", with(str("1.2.3")), "protocolError", ""},
		{"twice the same", with(control("1.2.3"), control("1.2.4"), control("1.2.3")), "protocolError", ""},
		{"at the limit", with(numbered(10)...), "ok", "-"},
		{"above the limit", with(numbered(11)...), "adminLimitExceeded", ""},
		{"two lists", message(2, searchOp(present("cn")), elem(0xa0), elem(0xa0, control("1.2.3"))), "protocolError", ""},
		{"behind something unknown", message(2, searchOp(present("cn")), ctx(5, ""), elem(0xa0, control("1.2.3"))), "protocolError", ""},
		{"something unknown behind", message(2, searchOp(present("cn")), elem(0xa0, control("1.2.3")), ctx(5, "")), "ok", "control 1.2.3\n"},
		{"garbage behind", message(2, searchOp(present("cn")), elem(0xa0, control("1.2.3")), raw("\x85")), "close", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var d Decoder
			got, m, err := outcome(&d, tt.pdu)
			if got != tt.want {
				t.Fatalf("got %s (%v), want %s", got, err, tt.want)
			}
			if got != "ok" {
				return
			}
			var text strings.Builder
			for i := range m.Controls {
				text.WriteString(describeControl(&m.Controls[i]))
			}
			if tt.text != "-" && text.String() != tt.text {
				t.Errorf("got %q, want %q", text.String(), tt.text)
			}
		})
	}
}

// TestReuse decodes all kinds of messages with one Decoder in all orders of two: nothing of the first may show in the second.
func TestReuse(t *testing.T) {
	t.Parallel()
	pdus := [][]byte{
		callerSearch(),
		searchMessage(elem(0xa4, str("cn"), elem(0x30, ctx(0, "a"), ctx(1, "b"), ctx(2, "c")))),
		searchMessage(elem(0xa9, ctx(1, "2.5.13.2"), ctx(2, "cn"), ctx(3, "x"), raw("\x84\x01\xff"))),
		searchMessage(elem(0xa0)),
		message(2, searchOp(present("cn")), elem(0xa0, control(OIDManageDsaIT, boolean(true)))),
		message(3, elem(0x60, num(3), str("cn=a"), ctx(0, "x"))),
		message(3, elem(0x60, num(3), str(""), elem(0xa3, str("PLAIN"), str("x")))),
		message(4, elem(0x77, ctx(0, "1.2.3"), ctx(1, "v"))),
		message(4, elem(0x77, ctx(0, "1.2.3"))),
		message(5, raw("\x42\x00")),
		message(6, raw("\x50\x01\x04")),
		message(7, elem(0x6e, str("cn=a"), elem(0x30, str("cn"), str("a")))),
		searchMessage(elem(0xa2, elem(0xa0, slices.Repeat([][]byte{equality("cn", "x")}, 200)...))),
	}
	for i, first := range pdus {
		for j, second := range pdus {
			var fresh, used Decoder
			want, err := fresh.Decode(second)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := used.Decode(first); err != nil {
				t.Fatal(err)
			}
			got, err := used.Decode(second)
			if err != nil {
				t.Fatal(err)
			}
			if describe(got) != describe(want) {
				t.Errorf("%d after %d: got\n%swant\n%s", j, i, describe(got), describe(want))
			}
		}
	}
}

func TestDecodeAllocatesNothing(t *testing.T) {
	var d Decoder
	for name, pdu := range map[string][]byte{
		"caller search": callerSearch(),
		"substrings":    searchMessage(elem(0xa1, elem(0xa4, str("cn"), elem(0x30, ctx(1, "a"), ctx(1, "b"))), elem(0xa4, str("sn"), elem(0x30, ctx(0, "a"))))),
		"bind":          message(3, elem(0x60, num(3), str("cn=a"), ctx(0, "x"))),
		"paged": message(2, searchOp(present("cn")), elem(0xa0, control(OIDPagedResults, boolean(true),
			ctx(0, "x")))),
		"unbind": message(5, raw("\x42\x00")),
	} {
		if got := testing.AllocsPerRun(100, func() {
			if _, err := d.Decode(pdu); err != nil {
				t.Fatal(name, err)
			}
		}); got != 0 {
			t.Errorf("%s: got %v allocations, want 0", name, got)
		}
	}
}

// TestBombs refuses large and deep input at a bounded cost: the error, and no memory by what is announced or nested.
func TestBombs(t *testing.T) {
	deep := present("cn")
	for range 20_000 {
		deep = elem(0xa2, deep)
	}
	wide := searchMessage(elem(0xa0, bytes.Repeat(present("c"), 100_000)))
	parts := searchMessage(elem(0xa4, str("cn"), elem(0x30, bytes.Repeat(ctx(1, "x"), 100_000))))
	million := make([]byte, 0, 2_000_000)
	for range 1_000_000 {
		million = append(million, 0xa0, 0x82)
	}
	for name, pdu := range map[string][]byte{
		"nested filter":               searchMessage(deep),
		"a hundred thousand terms":    wide,
		"a hundred thousand parts":    parts,
		"a million headers":           searchMessage(million),
		"length of four billion":      raw("\x30\x84\xff\xff\xff\xff\x02\x01\x01"),
		"four billion in a filter":    searchMessage(raw("\xa0\x84\xff\xff\xff\xff\x02\x01\x01")),
		"a hundred thousand names":    message(2, elem(0x63, str(""), enum(2), enum(0), num(0), num(0), boolean(false), present("cn"), elem(0x30, bytes.Repeat(str("c"), 100_000)))),
		"a hundred thousand controls": message(2, searchOp(present("cn")), elem(0xa0, bytes.Repeat(control("1"), 100_000))),
	} {
		var d Decoder
		got, _, _ := outcome(&d, pdu)
		if got == "ok" {
			t.Errorf("%s: accepted", name)
		}
		const runs = 10
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range runs {
			var d Decoder
			_, _ = d.Decode(pdu)
		}
		runtime.ReadMemStats(&after)
		if used := (after.TotalAlloc - before.TotalAlloc) / runs; used > 96<<10 {
			t.Errorf("%s: %d bytes allocated", name, used)
		}
	}
}
