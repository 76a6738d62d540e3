package ber

import (
	"bytes"
	"testing"

	asn1 "github.com/go-asn1-ber/asn1-ber"
)

// compare walks over r and over asn1-ber's packets together. asn1-ber reads the same bytes, so that both must see the same tree.
func compare(t *testing.T, r Reader, packets []*asn1.Packet, depth int) {
	t.Helper()
	for i := 0; !r.Empty(); i++ {
		tag, content, err := r.Next()
		if err != nil {
			t.Fatalf("walked before, now %v", err)
		}
		if i >= len(packets) {
			t.Fatalf("element %d isn't there for asn1-ber", i)
		}
		p := packets[i]
		if got := Tag(byte(p.ClassType) | byte(p.TagType) | byte(p.Tag)); got != tag {
			t.Fatalf("got tag %#x, asn1-ber %#x", tag, got)
		}
		if tag.IsConstructed() {
			compare(t, NewReader(content, depth), p.Children, depth)
			continue
		}
		// Of other types it keeps the content elsewhere or not at all.
		if (tag == OctetString || len(p.ByteValue) > 0) && !bytes.Equal(content, p.ByteValue) {
			t.Fatalf("got content %x, asn1-ber %x", content, p.ByteValue)
		}
		if v, err := ParseInt(content); tag == Integer && err == nil && len(content) <= 8 && v != p.Value {
			t.Fatalf("got integer %d, asn1-ber %v", v, p.Value)
		}
	}
}

// walk says whether everything in r is well formed, down to depth levels.
func walk(r Reader, depth int) bool {
	for !r.Empty() {
		tag, content, err := r.Next()
		if err != nil {
			return false
		}
		if tag.IsConstructed() && (depth == 0 || !walk(NewReader(content, 0), depth-1)) {
			return false
		}
	}
	return true
}

func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		"", "\x30", "\x30\x80", "\x30\x84\xff\xff\xff\xff", "\x30\x84\x00\x00\x00\x05\x02\x01\x01\x42\x00",
		"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00", "\x02\x02\x00\x32", "\x01\x01\x7f", "\x0a\x00", "\x24\x03\x04\x01a",
		"\x1f\x81\x01\x00", "\x30\x85\x00\x00\x00\x00\x00", "\x30\x06\x30\x04\x30\x02\x30\x00",
	} {
		f.Add([]byte(seed))
	}
	f.Add(nested(40))
	f.Fuzz(func(t *testing.T, in []byte) {
		if total, need, err := FrameLength(in, 1<<16); err == nil && !need && (total < 2 || total > 1<<16) {
			t.Fatalf("frame of %d octets", total)
		}
		r := NewReader(in, 4)
		_, _, err := r.Next()
		if err != nil || !walk(NewReader(in, 0), 16) {
			return
		}
		first := in[:len(in)-len(r.Rest())]
		packet, err := asn1.DecodePacketErr(first)
		if err != nil {
			// asn1-ber looks into values that we leave to whoever wants them, such as REAL and times, and knows fewer paddings.
			return
		}
		compare(t, NewReader(first, 16), []*asn1.Packet{packet}, 16)
	})
}
