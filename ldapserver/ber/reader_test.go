package ber

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"testing"
)

func TestNext(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		in      string
		tag     Tag
		content string
		rest    string
		err     error
	}{
		{"nothing", "", 0, "", "", ErrTruncated},
		{"tag only", "\x04", 0, "", "", ErrTruncated},
		{"empty content", "\x04\x00", OctetString, "", "", nil},
		{"short length", "\x04\x02ab", OctetString, "ab", "", nil},
		{"more behind", "\x04\x01a\x05\x00", OctetString, "a", "\x05\x00", nil},
		{"non-minimal length", "\x04\x81\x01a", OctetString, "a", "", nil},
		{"four length octets", "\x04\x84\x00\x00\x00\x01a", OctetString, "a", "", nil},
		{"length past the end", "\x04\x03ab", 0, "", "", ErrTruncated},
		{"long length past the end", "\x04\x84\xff\xff\xff\xffab", 0, "", "", ErrTruncated},
		{"long length cut off", "\x04\x84\x00\x00", 0, "", "", ErrTruncated},
		{"five length octets", "\x04\x85\x00\x00\x00\x00\x01a", 0, "", "", ErrLength},
		{"indefinite", "\x24\x80\x00\x00", 0, "", "", ErrIndefinite},
		{"high tag", "\x1f\x81\x00\x00", 0, "", "", ErrHighTag},
		{"high tag with a long length", "\xbf\x81\x00\x00", 0, "", "", ErrHighTag},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := NewReader([]byte(tt.in), 0)
			tag, content, err := r.Next()
			if err != tt.err {
				t.Fatalf("got error %v, want %v", err, tt.err)
			}
			if err != nil {
				if string(r.Rest()) != tt.in {
					t.Errorf("the refused element was taken")
				}
				return
			}
			if tag != tt.tag || string(content) != tt.content || string(r.Rest()) != tt.rest {
				t.Errorf("got %#x %q rest %q, want %#x %q rest %q", tag, content, r.Rest(), tt.tag, tt.content, tt.rest)
			}
			if cap(content) != len(content) {
				t.Errorf("content has room for %d octets more: appending would overwrite what follows", cap(content)-len(content))
			}
		})
	}
}

// TestNextGoesOn takes elements from every input of three octets: each call takes two octets at least, or fails and takes none, so
// that no input keeps a reader busy for ever (node-asn1 #57).
func TestNextGoesOn(t *testing.T) {
	t.Parallel()
	for i := range 1 << 24 {
		r := NewReader([]byte{byte(i >> 16), byte(i >> 8), byte(i)}, 0)
		before := len(r.Rest())
		_, _, err := r.Next()
		if took := before - len(r.Rest()); (err == nil) != (took >= 2) || err != nil && took != 0 {
			t.Fatalf("%06x: took %d octets, %v", i, took, err)
		}
	}
}

func TestContentChecksTag(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		in   string
		want Tag
		err  error
	}{
		{"constructed OCTET STRING", "\x24\x03\x04\x01a", OctetString, ErrTag},
		{"other class", "\x84\x01a", OctetString, ErrTag},
		{"primitive SEQUENCE", "\x10\x00", Sequence, ErrTag},
		{"nothing left", "", OctetString, ErrTruncated},
		{"the right one", "\x04\x01a", OctetString, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := NewReader([]byte(tt.in), 1)
			if _, err := r.Content(tt.want); err != tt.err {
				t.Errorf("got %v, want %v", err, tt.err)
			}
		})
	}
}

func TestParseInt(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		in   string
		want int64
		err  error
	}{
		{"zero", "\x00", 0, nil},
		{"positive", "\x32", 50, nil},
		{"negative", "\xff", -1, nil},
		{"Snom's padding", "\x00\x32", 50, nil},
		{"needed zero", "\x00\x80", 128, nil},
		{"padded negative", "\xff\xff\xfe", -2, nil},
		{"much padding", "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x32", 50, nil},
		{"much negative padding", strings.Repeat("\xff", 20) + "\x80", -128, nil},
		{"2^31-1", "\x7f\xff\xff\xff", math.MaxInt32, nil},
		{"largest", "\x7f\xff\xff\xff\xff\xff\xff\xff", math.MaxInt64, nil},
		{"smallest", "\x80\x00\x00\x00\x00\x00\x00\x00", math.MinInt64, nil},
		{"smallest, padded", "\xff\x80\x00\x00\x00\x00\x00\x00\x00", math.MinInt64, nil},
		{"2^63", "\x00\x80\x00\x00\x00\x00\x00\x00\x00", 0, ErrValue},
		{"nine octets", "\x01\x00\x00\x00\x00\x00\x00\x00\x00", 0, ErrValue},
		{"below the smallest", "\xff\x7f\xff\xff\xff\xff\xff\xff\xff", 0, ErrValue},
		{"no content", "", 0, ErrEmpty},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseInt([]byte(tt.in))
			if got != tt.want || err != tt.err {
				t.Errorf("got %d, %v, want %d, %v", got, err, tt.want, tt.err)
			}
		})
	}
}

func TestParseBool(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		in   string
		want bool
		err  error
	}{
		{"FALSE", "\x00", false, nil},
		{"TRUE", "\xff", true, nil},
		{"TRUE as 1", "\x01", true, nil},
		{"no content", "", false, ErrEmpty},
		{"two octets", "\x00\xff", false, ErrValue},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, err := ParseBool([]byte(tt.in)); got != tt.want || err != tt.err {
				t.Errorf("got %v, %v, want %v, %v", got, err, tt.want, tt.err)
			}
		})
	}
}

// nested gives levels SEQUENCEs around each other, with the length form that fits.
func nested(levels int) []byte {
	b := make([]byte, 6*levels)
	at := len(b)
	for range levels {
		n := len(b) - at
		at -= 6
		b[at], b[at+1] = byte(Sequence), 0x84
		binary.BigEndian.PutUint32(b[at+2:], uint32(n))
	}
	return b
}

// TestDepthBomb enters as deep as it may go, and no deeper, whatever the input holds.
func TestDepthBomb(t *testing.T) {
	t.Parallel()
	const limit = 32
	for _, levels := range []int{1, limit - 1, limit, limit + 1, 1000, 1_000_000} {
		r := NewReader(nested(levels), limit)
		entered := 0
		var err error
		for err == nil && !r.Empty() {
			var inner Reader
			if inner, err = r.Enter(Sequence); err == nil {
				r = inner
				entered++
			}
		}
		if levels <= limit && (err != nil || entered != levels) {
			t.Errorf("%d levels: got %d and %v", levels, entered, err)
		}
		if levels > limit && (err != ErrDepth || entered != limit) {
			t.Errorf("%d levels: got %d and %v, want %d and %v", levels, entered, err, limit, ErrDepth)
		}
	}
}

func TestReadAllocatesNothing(t *testing.T) {
	for name, in := range map[string][]byte{
		"depth of a million":     nested(1_000_000),
		"length of four billion": []byte("\x30\x84\xff\xff\xff\xff"),
		"indefinite":             []byte("\x30\x80\x30\x80"),
		"a good one":             []byte("\x30\x06\x02\x01\x05\x01\x01\xff"),
	} {
		got := testing.AllocsPerRun(10, func() {
			_, _, _ = FrameLength(in, 1<<16)
			r := NewReader(in, 32)
			for {
				inner, err := r.Enter(Sequence)
				if err != nil {
					break
				}
				r = inner
			}
			_, _ = r.Int(Integer)
			_, _ = r.Bool(Boolean)
			_ = r.Skip()
		})
		if got != 0 {
			t.Errorf("%s: got %v allocations, want 0", name, got)
		}
	}
}

func TestReaderStates(t *testing.T) {
	t.Parallel()
	r := NewReader([]byte("\x02\x01\x07\x01\x01\x01\x04\x00\x05\x00"), 1)
	if n, err := r.Int(Integer); n != 7 || err != nil {
		t.Fatalf("got %d, %v", n, err)
	}
	if b, err := r.Bool(Boolean); !b || err != nil {
		t.Fatalf("got %v, %v", b, err)
	}
	if r.Peek() != OctetString || r.Empty() {
		t.Fatalf("got next %#x", r.Peek())
	}
	if err := r.End(); err != ErrTrailing {
		t.Fatalf("got %v, want %v", err, ErrTrailing)
	}
	if err := r.Skip(); err != nil {
		t.Fatal(err)
	}
	if err := r.End(); err != nil || !r.Empty() || r.Peek() != 0 {
		t.Fatalf("got %v, empty %v, next %#x", err, r.Empty(), r.Peek())
	}
	r = NewReader([]byte("\x05\x00\x04"), 0)
	if err := r.Skip(); err != ErrTruncated {
		t.Fatalf("got %v, want %v", err, ErrTruncated)
	}
	if !bytes.Equal(r.Rest(), []byte("\x04")) {
		t.Fatalf("got rest %q", r.Rest())
	}
}
