package main

import (
	"encoding/json"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"ringdex/ldapserver"
	"ringdex/ldapserver/directory"
	"ringdex/ldapserver/protocol"
	"ringdex/replicator/store"
)

// hostileText is what a client might send so that a log says something else: a line of its own, a terminal's commands, a name
// that is as long as a message.
var hostileText = []string{
	"x\nlevel=info msg=bind user=admin result=success", "x\r\n{\"msg\":\"bind\"}", "\x1b[2J\x1b]0;owned\a", "a\x00b\x7f\u0085\u2028\u202e", "x\" msg=\"bind", "\xff\xfe",
	strings.Repeat("A", 50_000),
}

// TestLogInjection binds and searches with hostile text wherever there is room for text, with everything logged: each line of the
// log is one of ours, and no line holds what was sent, or is long.
func TestLogInjection(t *testing.T) {
	t.Parallel()
	const secret = "not-a-secret-but-a-password"
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			out := &lockedBuffer{}
			config := LogConfig{Format: format, Level: "debug"}
			log, err := newLogger(out, config, nil)
			if err != nil {
				t.Fatal(err)
			}
			queries, audit := &lineLog{name: "queries"}, &lineLog{name: "audit"}
			for _, l := range []*lineLog{queries, audit} {
				if err := l.open("stderr", config, log, nil); err != nil {
					t.Fatal(err)
				}
			}
			st, err := store.Open(filepath.Join(t.TempDir(), "log.db"), store.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = st.Close() })
			d, err := directory.New(directory.Options{
				Store: st, Base: "dc=ringdex", Anonymous: directory.Access{Always: true}, Binds: newBindAudit(audit).bind, Log: log, Guessing: directory.BindLimits{Delay: 1, Wait: 1},
			})
			if err != nil {
				t.Fatal(err)
			}
			server, err := ldapserver.New(ldapserver.Options{Backend: d, Log: log, Queries: queries.query})
			if err != nil {
				t.Fatal(err)
			}
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			served := make(chan error, 1)
			go func() { served <- server.Serve(t.Context(), l, ldapserver.ListenerOptions{}) }()
			sent := 0
			for _, text := range hostileText {
				for _, pdu := range hostileRequests(text, secret) {
					c, err := net.Dial("tcp", l.Addr().String())
					if err != nil {
						t.Fatal(err)
					}
					_ = c.SetDeadline(time.Now().Add(20 * time.Second))
					if _, err := c.Write(pdu); err != nil {
						t.Fatal(err)
					}
					if _, err := c.Read(make([]byte, 1)); err != nil && !strings.Contains(err.Error(), "reset") && err.Error() != "EOF" {
						t.Errorf("% x: %v", pdu[:min(len(pdu), 60)], err)
					}
					c.Close()
					sent++
				}
			}
			if err := server.Shutdown(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := <-served; err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
			if len(lines) < sent+40 { // the end of each connection, binds and searches
				t.Errorf("%d lines for %d requests: this shows little", len(lines), sent)
			}
			for _, line := range lines {
				ours := strings.HasPrefix(line, `time="`) && strings.Count(line, " msg=") == 1
				if format == "json" {
					var fields map[string]any
					ours = json.Unmarshal([]byte(line), &fields) == nil && fields["time"] != nil
				}
				switch {
				case !ours, len(line) > 2000, strings.IndexFunc(line, unicode.IsControl) >= 0:
					t.Errorf("no line of ours, or too long a one: %.300q", line)
				case strings.Contains(line, "user=admin"), strings.Contains(line, "AAAAAAAAAAAAAAAA"), strings.Contains(line, secret):
					t.Errorf("the log holds what was sent: %.300q", line)
				}
			}
		})
	}
}

// hostileRequests have a text in every place of a message that takes one.
func hostileRequests(text, secret string) (out [][]byte) {
	octets := func(s string) *ber.Packet {
		return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, s, "")
	}
	message := func(op *ber.Packet, controls ...*ber.Packet) {
		m := ber.NewSequence("")
		m.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, int64(1), ""))
		m.AppendChild(op)
		if len(controls) > 0 {
			list := ber.Encode(ber.ClassContext, ber.TypeConstructed, 0, nil, "")
			for _, c := range controls {
				list.AppendChild(c)
			}
			m.AppendChild(list)
		}
		out = append(out, m.Bytes())
	}
	bind := func(name string, auth *ber.Packet) *ber.Packet {
		op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationBindRequest, nil, "")
		op.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, int64(3), ""))
		op.AppendChild(octets(name))
		op.AppendChild(auth)
		return op
	}
	password := func() *ber.Packet { return ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, secret, "") }
	message(bind(text, password()))
	message(bind("cn="+text+",dc=ringdex", password()))
	sasl := ber.Encode(ber.ClassContext, ber.TypeConstructed, 3, nil, "")
	sasl.AppendChild(octets(text))
	sasl.AppendChild(octets(secret))
	message(bind("", sasl))
	search := func(base, attribute, value, selected string) *ber.Packet {
		op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchRequest, nil, "")
		op.AppendChild(octets(base))
		for range 2 {
			op.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, int64(0), ""))
		}
		for range 2 {
			op.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, int64(0), ""))
		}
		op.AppendChild(ber.NewBoolean(ber.ClassUniversal, ber.TypePrimitive, ber.TagBoolean, false, ""))
		equality := ber.Encode(ber.ClassContext, ber.TypeConstructed, ldap.FilterEqualityMatch, nil, "")
		equality.AppendChild(octets(attribute))
		equality.AppendChild(octets(value))
		op.AppendChild(equality)
		list := ber.NewSequence("")
		list.AppendChild(octets(selected))
		op.AppendChild(list)
		return op
	}
	message(search(text, "cn", "x", "cn"))
	message(search("cn="+text+",dc=ringdex", "cn", "x", "cn"))
	message(search("dc=ringdex", text, "x", "cn"))
	message(search("dc=ringdex", "cn", text, text))
	control := func() *ber.Packet {
		c := ber.NewSequence("")
		c.AppendChild(octets(text))
		return c
	}
	message(search("dc=ringdex", "cn", "x", "cn"), control(), control()) // twice the same: the message says which
	extended := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationExtendedRequest, nil, "")
	extended.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, text, ""))
	extended.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 1, secret, ""))
	message(extended)
	modify := ber.Encode(ber.ClassContext, ber.TypeConstructed, 0, nil, "") // a new password, for nobody
	modify.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 2, secret, ""))
	change := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationExtendedRequest, nil, "")
	change.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, protocol.OIDPasswordModify, ""))
	change.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 1, string(modify.Bytes()), ""))
	message(change)
	short := text[:min(len(text), 100)]
	return append(out, []byte(text+"\r\n\r\n"), append([]byte{0x30, byte(len(short))}, short...))
}
