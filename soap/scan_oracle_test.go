package soap

import (
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

// referenceRecords reads records with encoding/xml, by the same rules.
func referenceRecords(data string) ([]string, error) {
	d := xml.NewDecoder(strings.NewReader(data))
	var records []string
	var path []string
	for {
		token, err := d.Token()
		if err == io.EOF {
			return records, nil
		}
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			path = append(path, t.Name.Local)
			if strings.Join(path, "/") == "Envelope/Body/queryResponse/result/records" {
				r, err := referenceRecord(d)
				if err != nil {
					return nil, err
				}
				records = append(records, r)
				path = path[:len(path)-1]
			}
		case xml.EndElement:
			path = path[:len(path)-1]
		}
	}
}

func xsi(e xml.StartElement, local string) string {
	for _, a := range e.Attr {
		if a.Name.Local == local && a.Name.Space != "" {
			return a.Value
		}
	}
	return ""
}

func referenceRecord(d *xml.Decoder) (string, error) {
	var fields []string
	typ, id := "", ""
	var walk func(prefix string, start *xml.StartElement) error
	walk = func(prefix string, start *xml.StartElement) error {
		text, children, ids := "", 0, -1
		for {
			token, err := d.Token()
			if err != nil {
				return err
			}
			switch t := token.(type) {
			case xml.CharData:
				text += string(t)
			case xml.StartElement:
				children++
				if strings.HasSuffix(xsi(t, "type"), "QueryResult") {
					if err := d.Skip(); err != nil {
						return err
					}
					children--
					if children == 0 {
						children = -1 << 20
					}
					continue
				}
				path := t.Name.Local
				if prefix != "" {
					path = prefix + "." + path
				}
				before := len(fields)
				if err := walk(path, &t); err != nil {
					return err
				}
				if len(fields) != before+1 || !strings.HasPrefix(fields[before], path+"=") {
					continue // it had children
				}
				value := fields[before][len(path)+1:]
				switch {
				case path == "type" && children == 1:
					typ = value
					fields = fields[:before]
				case prefix == "" && path == "Id":
					if id == "" && value != "nil" {
						id = value
					}
					fields = fields[:before]
				case prefix != "" && t.Name.Local == "type" && children == 1:
					fields = fields[:before]
				case prefix != "" && t.Name.Local == "Id":
					if ids >= 0 {
						if strings.HasSuffix(fields[ids], "=nil") {
							fields[ids] = fields[before]
						}
						fields = fields[:before]
					} else {
						ids = before
					}
				}
			case xml.EndElement:
				if children == 0 && start != nil {
					value := fmt.Sprintf("%q", text)
					if n := strings.TrimSpace(xsi(*start, "nil")); n == "true" || n == "1" {
						value = "nil"
					}
					fields = append(fields, prefix+"="+value)
				}
				return nil
			}
		}
	}
	if err := walk("", nil); err != nil {
		return "", err
	}
	unquote := func(s string) string {
		var v string
		_, _ = fmt.Sscanf(s, "%q", &v)
		return v
	}
	s := unquote(typ) + " " + unquote(id)
	for _, f := range fields {
		s += " " + f
	}
	return s, nil
}

// randomRecord writes a record like Salesforce's, with everything allowed that XML
// allows.
func randomRecord(r *rand.Rand) string {
	var b strings.Builder
	space := func() {
		switch r.IntN(12) {
		case 0:
			b.WriteString("\n  ")
		case 1:
			b.WriteString(" <!-- <x> & --> ")
		}
	}
	value := func() {
		for range r.IntN(4) {
			switch r.IntN(8) {
			case 0:
				b.WriteString("&amp;&lt;&gt;&quot;&apos;")
			case 1:
				fmt.Fprintf(&b, "&#%d;", 0x20+r.IntN(0xD000))
			case 2:
				fmt.Fprintf(&b, "&#x%X;", 0x10000+r.IntN(0x1000))
			case 3:
				b.WriteString("<![CDATA[a<b>&amp;&c]]>")
			case 4:
				b.WriteString("\r\n\t\r")
			case 5:
				b.WriteRune(rune(0xA0 + r.IntN(0x2000)))
			case 6:
				b.WriteString("<!-- in -->")
			default:
				b.WriteString("+44 20 7946 0123")
			}
		}
	}
	var field func(depth int)
	field = func(depth int) {
		space()
		name := fmt.Sprintf("sf:F%d", r.IntN(5))
		switch k := r.IntN(10); {
		case k == 0:
			fmt.Fprintf(&b, `<%s xsi:nil="true"/>`, name)
		case k == 1:
			fmt.Fprintf(&b, `<%s xsi:nil='true' ></%s >`, name, name)
		case k == 2:
			fmt.Fprintf(&b, `<%s/>`, name)
		case k <= 4 && depth < 3:
			fmt.Fprintf(&b, `<%s xsi:type="sf:sObject">`, name)
			if r.IntN(2) == 0 {
				b.WriteString(`<sf:type>P</sf:type><sf:Id xsi:nil="true"/>`)
			}
			for range 1 + r.IntN(3) {
				field(depth + 1)
			}
			if r.IntN(2) == 0 {
				b.WriteString(`<sf:Id>001</sf:Id>`)
			}
			space()
			fmt.Fprintf(&b, "</%s>", name)
		case k == 5:
			fmt.Fprintf(&b, `<%s xsi:type="QueryResult"><done>true</done><records><sf:A>&amp;<![CDATA[</x>]]></sf:A></records></%s>`, name, name)
			b.WriteString("<sf:G>1</sf:G>")
		default:
			fmt.Fprintf(&b, `<%s a="%d">`, name, r.IntN(2))
			value()
			fmt.Fprintf(&b, "</%s>", name)
		}
	}
	b.WriteString(`<records xsi:type="sf:sObject">`)
	if r.IntN(8) > 0 {
		b.WriteString(`<sf:type>Contact</sf:type>`)
	}
	if r.IntN(4) > 0 {
		b.WriteString(`<sf:Id>003000000000001AAA</sf:Id>`)
	} else {
		b.WriteString(`<sf:Id xsi:nil="true"/>`)
	}
	for range 1 + r.IntN(6) {
		field(0)
	}
	b.WriteString(`<sf:Last/></records>`)
	return b.String()
}

// The scanner reads what encoding/xml reads.
func TestScanAgainstEncodingXML(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		var b strings.Builder
		n := 1 + r.IntN(12)
		kinds := []string{randomRecord(r), randomRecord(r)}
		for range n {
			if r.IntN(3) == 0 {
				kinds = append(kinds, randomRecord(r))
			}
			b.WriteString(kinds[r.IntN(len(kinds))])
		}
		data := queryReply("query", "", n, b.String())
		want, err := referenceRecords(data)
		if err != nil {
			t.Fatalf("seed %d: encoding/xml: %v", seed, err)
		}
		got, rest, err := scanRecords(data)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, data)
		}
		if len(got) != len(want) {
			t.Fatalf("seed %d: got %d records, want %d", seed, len(got), len(want))
		}
		for i := range got {
			if g := describeRecord(&got[i]); g != want[i] {
				t.Fatalf("seed %d, record %d\n got %s\nwant %s\n%s", seed, i, g, want[i], data)
			}
		}
		if err := xml.Unmarshal([]byte(rest), new(struct{ XMLName xml.Name })); err != nil {
			t.Fatalf("seed %d: rest: %v", seed, err)
		}
	}
}
