package protocol

import "testing"

var tenNames = []string{"objectClass", "cn", "sn", "givenName", "o", "telephoneNumber", "mobile", "homePhone", "mail", "labeledURI"}

var tenValues = [][]byte{
	[]byte("inetOrgPerson"), []byte("Anna Example"), []byte("Example"), []byte("Anna"), []byte("Example Widgets Ltd"), []byte("+442079460123"),
	[]byte("+442079460124"), []byte("+442079460125"), []byte("anna@example.org"), []byte("https://example.org/0035500000AbCdEAAV Contact"),
}

var entryDN = []byte("uid=0035500000AbCdEAAV,ou=Contact,dc=ringdex")

// encodeTen is an entry of ten attributes, as a lookup's answer has it.
func encodeTen(e *EntryEncoder, dst []byte) []byte {
	e.BeginEntry(dst, 7, entryDN)
	for i, name := range tenNames {
		e.BeginAttribute(name)
		e.AppendValue(tenValues[i])
		e.EndAttribute()
	}
	return e.EndEntry(nil)
}

func BenchmarkDecode(b *testing.B) {
	requests := []struct {
		name string
		pdu  []byte
	}{
		{"caller", callerSearch()},
		{"typeahead", message(7, elem(0x63, str("dc=ringdex"), enum(2), enum(0), num(50), num(0), boolean(false),
			elem(0xa1, elem(0xa4, str("cn"), elem(0x30, ctx(0, "mül"))), elem(0xa4, str("sn"), elem(0x30, ctx(0, "mül")))),
			elem(0x30, str("cn"), str("o"), str("telephoneNumber"))))},
		{"bind", message(1, elem(0x60, num(3), str("cn=phone,dc=ringdex"), ctx(0, "not-a-secret")))},
	}
	for _, r := range requests {
		b.Run("request="+r.name, func(b *testing.B) {
			b.ReportAllocs()
			var d Decoder
			for b.Loop() {
				if _, err := d.Decode(r.pdu); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	buf := make([]byte, 0, 4096)
	b.Run("entry=10attrs", func(b *testing.B) {
		b.ReportAllocs()
		var e EntryEncoder
		for b.Loop() {
			encodeTen(&e, buf)
		}
	})
	b.Run("entry=10attrs-oneshot", func(b *testing.B) {
		b.ReportAllocs()
		var e EntryEncoder
		for b.Loop() {
			e.BeginEntry(buf, 7, entryDN)
			for i, name := range tenNames {
				e.AppendAttribute(name, tenValues[i])
			}
			e.EndEntry(nil)
		}
	})
	b.Run("entry=10attrs-encoded", func(b *testing.B) {
		b.ReportAllocs()
		var e EntryEncoder
		var encoded [][]byte
		for i, name := range tenNames {
			encoded = append(encoded, AppendPartialAttribute(nil, name, tenValues[i]))
		}
		for b.Loop() {
			e.BeginEntry(buf, 7, entryDN)
			for _, a := range encoded {
				e.AppendEncoded(a)
			}
			e.EndEntry(nil)
		}
	})
	b.Run("result=done", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			AppendResult(buf, 7, OpSearchResultDone, Success, "", "", nil)
		}
	})
}

func BenchmarkNormalizeDN(b *testing.B) {
	buf := make([]byte, 0, 256)
	raw := []byte("uid=0035500000AbCdEAAV, ou=Contact, dc=ringdex")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := NormalizeDN(buf, raw); err != nil {
			b.Fatal(err)
		}
	}
}
