package ber

import (
	"bytes"
	"fmt"
	"math"
	"testing"

	asn1 "github.com/go-asn1-ber/asn1-ber"
)

func TestAppendInt(t *testing.T) {
	t.Parallel()
	values := []int64{math.MinInt64, math.MaxInt64}
	for shift := 0; shift < 63; shift++ {
		v := int64(1) << shift
		values = append(values, v, v-1, v+1, -v, -v-1, 1-v)
	}
	for _, v := range values {
		got := AppendInt(nil, Integer, v)
		want := asn1.NewInteger(asn1.ClassUniversal, asn1.TypePrimitive, asn1.TagInteger, v, "").Bytes()
		if !bytes.Equal(got, want) {
			t.Errorf("%d: got %x, want %x", v, got, want)
		}
		r := NewReader(got, 0)
		if back, err := r.Int(Integer); back != v || err != nil {
			t.Errorf("%d: read back as %d, %v", v, back, err)
		}
	}
}

// TestLengths writes contents at every border of the length's form, each way there is, and compares with asn1-ber.
func TestLengths(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 127, 128, 129, 255, 256, 257, 65535, 65536, 1<<24 - 1, 1 << 24} {
		content := bytes.Repeat([]byte{'x'}, n)
		prefix := []byte("before")
		want := append(bytes.Clone(prefix), asn1.NewString(asn1.ClassUniversal, asn1.TypePrimitive, asn1.TagOctetString, string(content), "").Bytes()...)

		marked, mark := Begin(bytes.Clone(prefix), OctetString)
		marked = End(append(marked, content...), mark)
		for name, got := range map[string][]byte{
			"AppendBytes":   AppendBytes(bytes.Clone(prefix), OctetString, content),
			"AppendString":  AppendString(bytes.Clone(prefix), OctetString, string(content)),
			"Begin and End": marked,
		} {
			if !bytes.Equal(got, want) {
				t.Errorf("%s of %d octets: got header %x, want %x", name, n, got[len(prefix):min(len(got), len(prefix)+6)], want[len(prefix):min(len(want), len(prefix)+6)])
			}
		}
		if got := ElementSize(n); got != len(want)-len(prefix) {
			t.Errorf("ElementSize(%d): got %d, want %d", n, got, len(want)-len(prefix))
		}
	}
}

func TestNestedBackPatching(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 120, 123, 124, 125, 126, 127, 128, 250, 252, 254, 256, 300, 65530, 70000} {
		dst, outer := Begin(nil, Sequence)
		dst = AppendInt(dst, Integer, 5)
		dst, inner := Begin(dst, Set)
		dst = append(dst, make([]byte, n)...)
		dst = End(dst, inner)
		dst = AppendBool(dst, Boolean, true)
		dst = End(dst, outer)

		r := NewReader(dst, 2)
		s, err := r.Enter(Sequence)
		if err != nil || !r.Empty() {
			t.Fatalf("%d: outer: %v", n, err)
		}
		if v, err := s.Int(Integer); v != 5 || err != nil {
			t.Fatalf("%d: got %d, %v", n, v, err)
		}
		content, err := s.Content(Set)
		if err != nil || len(content) != n {
			t.Fatalf("%d: got %d octets, %v", n, len(content), err)
		}
		if b, err := s.Bool(Boolean); !b || err != nil || !s.Empty() {
			t.Fatalf("%d: got %v, %v", n, b, err)
		}
	}
}

func TestAppendBool(t *testing.T) {
	t.Parallel()
	if got := fmt.Sprintf("%x", AppendBool(AppendBool(nil, Boolean, true), Context(1), false)); got != "0101ff810100" {
		t.Errorf("got %s", got)
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	if got := Context(3); got != 0x83 || got.IsConstructed() {
		t.Errorf("got %#x", got)
	}
	if got := Application(3) | Constructed; got != 0x63 || !got.IsConstructed() {
		t.Errorf("got %#x", got)
	}
}

func TestWriteAllocatesNothing(t *testing.T) {
	buf := make([]byte, 0, 1024)
	content := make([]byte, 200)
	if got := testing.AllocsPerRun(100, func() {
		dst, mark := Begin(buf, Sequence)
		dst = AppendInt(dst, Integer, 1<<30)
		dst = AppendBytes(dst, OctetString, content)
		End(dst, mark)
	}); got != 0 {
		t.Errorf("got %v allocations, want 0", got)
	}
}
