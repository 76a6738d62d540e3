package emulator

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"ringdex/soap"
)

// canonicalID gives the 18-character form of an Id.
func canonicalID(s string) (string, error) {
	id, err := soap.ParseID(s)
	return string(id), err
}

// makeCell converts a value to the field's SOAP spelling.
func makeCell(f *field, v any) (cell, error) {
	var text string
	switch x := v.(type) {
	case nil:
		return cell{}, nil
	case string:
		text = x
	case json.Number:
		text = x.String()
	case bool:
		text = strconv.FormatBool(x)
	case int:
		text = strconv.Itoa(x)
	case int64:
		text = strconv.FormatInt(x, 10)
	case float64:
		text = strconv.FormatFloat(x, 'f', -1, 64)
	default:
		return cell{}, fmt.Errorf("%s: a value of type %T is not possible", f.name, v)
	}
	if text == "" && f.kind != "boolean" {
		return cell{}, nil
	}
	text, err := canonicalText(f, text)
	if err != nil {
		return cell{}, fmt.Errorf("%s: %w", f.name, err)
	}
	return cell{text, true}, nil
}

func canonicalText(f *field, text string) (string, error) {
	switch {
	case f.kind == "boolean":
		switch strings.ToLower(text) {
		case "true", "1":
			return "true", nil
		case "false", "0", "":
			return "false", nil
		}
		return "", fmt.Errorf("%q is no boolean", text)
	case f.kind == "int" || f.kind == "long":
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || n != math.Trunc(n) {
			return "", fmt.Errorf("%q is no whole number", text)
		}
		return strconv.FormatFloat(n, 'f', 0, 64), nil
	case f.numeric():
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
			return "", fmt.Errorf("%q is no number", text)
		}
		return javaDouble(n), nil
	case f.kind == "date":
		t, ok := parseDate(text)
		if !ok {
			return "", fmt.Errorf("%q is no date", text)
		}
		return t.Format("2006-01-02"), nil
	case f.kind == "datetime":
		t, ok := parseDateTime(text)
		if !ok {
			return "", fmt.Errorf("%q is no dateTime", text)
		}
		return formatDateTime(t.Unix()), nil
	case f.isID():
		return canonicalID(text)
	}
	text = strings.ToValidUTF8(text, "�")
	if f.length > 0 && utf8.RuneCountInString(text) > f.length {
		return "", fmt.Errorf("data value too large: %.40q… (max length=%d)", text, f.length)
	}
	return text, nil
}

// inferField gives the definition of a field that only the data names.
func inferField(name string, values []any) *field {
	f := &field{name: name, custom: strings.HasSuffix(name, "__c"), kind: "string", length: 255}
	f.label = strings.ReplaceAll(strings.TrimSuffix(name, "__c"), "_", " ")
	all := func(test func(v any) bool) bool {
		any := false
		for _, v := range values {
			if v == nil || v == "" {
				continue
			}
			if !test(v) {
				return false
			}
			any = true
		}
		return any
	}
	text := func(test func(s string) bool) func(any) bool {
		return func(v any) bool {
			s, ok := v.(string)
			return ok && test(s)
		}
	}
	lower := strings.ToLower(name)
	named := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(lower, w) {
				return true
			}
		}
		return false
	}
	longest := 0
	for _, v := range values {
		if s, ok := v.(string); ok {
			longest = max(longest, utf8.RuneCountInString(s))
		}
	}
	switch {
	case all(func(v any) bool { _, ok := v.(bool); return ok }):
		f.kind, f.length = "boolean", 0
	case all(isNumber):
		f.kind, f.length, f.precision = "double", 0, 18
		if !all(func(v any) bool { return isNumber(v) && !strings.ContainsAny(fmt.Sprint(v), ".eE") }) {
			f.scale = 2
		}
	case all(text(func(s string) bool { _, ok := parseDateTime(s); return ok })):
		f.kind, f.length = "datetime", 0
	case all(text(func(s string) bool { _, ok := parseDate(s); return ok })):
		f.kind, f.length = "date", 0
	case (f.custom || strings.HasSuffix(name, "Id")) && all(text(func(s string) bool { _, err := canonicalID(s); return err == nil })):
		f.kind, f.length = "reference", 18
		f.relationship = strings.TrimSuffix(name, "Id")
		if f.custom {
			f.relationship = strings.TrimSuffix(name, "__c") + "__r"
		}
	case longest > 255:
		f.kind, f.length = "textarea", 32768
	case named("phone", "mobile", "fax") && longest <= 40:
		f.kind, f.length = "phone", 40
	case named("mail") && all(text(func(s string) bool { return strings.Contains(s, "@") })) && longest <= 80:
		f.kind, f.length = "email", 80
	case all(text(func(s string) bool { return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://") })):
		f.kind = "url"
	}
	return f
}

func isNumber(v any) bool {
	switch v.(type) {
	case json.Number, float64, int, int64:
		return true
	}
	return false
}
