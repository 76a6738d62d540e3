package protocol

import (
	"fmt"
	"strings"
)

// describe writes a message as text, one field a line, for the files in testdata.
func describe(m *Message) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %d\n", m.Op, m.ID)
	switch {
	case m.Bind != nil:
		fmt.Fprintf(&b, "version %d\nname %q\n", m.Bind.Version, m.Bind.Name)
		switch {
		case m.Bind.SASL:
			fmt.Fprintf(&b, "sasl %q %q\n", m.Bind.Mechanism, m.Bind.Credentials)
		case m.Bind.OtherMethod:
			b.WriteString("other method\n")
		default:
			fmt.Fprintf(&b, "simple, %d octets\n", len(m.Bind.Simple))
		}
	case m.Search != nil:
		s := m.Search
		fmt.Fprintf(&b, "base %q\nscope %d\nderef %d\nsize limit %d\ntime limit %d\ntypes only %v\nfilter %s\n",
			s.Base, s.Scope, s.Deref, s.SizeLimit, s.TimeLimit, s.TypesOnly, s.Filter)
		for _, a := range s.Attributes {
			fmt.Fprintf(&b, "attribute %s\n", a)
		}
	case m.Compare != nil:
		fmt.Fprintf(&b, "entry %q\nassertion %q %q\n", m.Compare.DN, m.Compare.Attribute, m.Compare.Value)
	case m.Abandon != nil:
		fmt.Fprintf(&b, "abandons %d\n", m.Abandon.ID)
	case m.Extended != nil:
		fmt.Fprintf(&b, "name %s\n", m.Extended.OID)
		if m.Extended.HasValue {
			fmt.Fprintf(&b, "value %x\n", m.Extended.Value)
		}
	case m.Write != nil:
		fmt.Fprintf(&b, "entry %q\n", m.Write.DN)
	}
	for i := range m.Controls {
		b.WriteString(describeControl(&m.Controls[i]))
	}
	return b.String()
}

func describeControl(c *Control) string {
	s := "control " + string(c.OID)
	if c.Critical {
		s += " critical"
	}
	if !c.HasValue {
		return s + "\n"
	}
	switch string(c.OID) {
	case OIDPagedResults:
		v, err := DecodePagedResults(c.Value)
		return fmt.Sprintf("%s: size %d cookie %q %v\n", s, v.Size, v.Cookie, err)
	case OIDSortRequest:
		keys, err := DecodeSortRequest(nil, c.Value, 10)
		for _, k := range keys {
			s += fmt.Sprintf(" %s/%s/%v", k.Attribute, k.Rule, k.Reverse)
		}
		return fmt.Sprintf("%s %v\n", s, err)
	case OIDVLVRequest:
		v, err := DecodeVLVRequest(c.Value)
		return fmt.Sprintf("%s: before %d after %d by value %v offset %d count %d value %q context %q %v\n",
			s, v.Before, v.After, v.ByValue, v.Offset, v.Count, v.Value, v.ContextID, err)
	}
	return fmt.Sprintf("%s: %x\n", s, c.Value)
}
