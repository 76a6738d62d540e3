package emulator

import (
	"strings"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokenEnd    tokenKind = iota
	tokenName             // identifiers, field paths with dots, keywords, date literals
	tokenString           // 'text', unescaped
	tokenNumber
	tokenDate
	tokenDateTime
	tokenSign // ( ) , = != <> < <= > >= :
)

type token struct {
	kind tokenKind
	text string
	at   int // byte offset in the query
	// like is the text of a string with \% and \_ still escaped, as LIKE needs it.
	like string
}

// is tells whether the token is this keyword or sign.
func (t token) is(word string) bool {
	return (t.kind == tokenName || t.kind == tokenSign) && strings.EqualFold(t.text, word)
}

// lex splits a query into tokens. The last one is tokenEnd.
func lex(query string) ([]token, *queryError) {
	var out []token
	for i := 0; i < len(query); {
		c := query[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f':
			i++
		case isLetter(c):
			start := i
			for i < len(query) && (isLetter(query[i]) || isDigit(query[i]) || query[i] == '.') {
				i++
			}
			out = append(out, token{kind: tokenName, text: query[start:i], at: start})
		case isDigit(c) || (c == '-' || c == '+' || c == '.') && i+1 < len(query) && (isDigit(query[i+1]) || query[i+1] == '.'):
			start := i
			i++
			for i < len(query) && (isLetter(query[i]) || isDigit(query[i]) || strings.IndexByte(".:-+", query[i]) >= 0) {
				i++
			}
			t, ok := numberOrDate(query[start:i])
			if !ok {
				return nil, malformed(start, "unexpected token: '%s'", query[start:i])
			}
			t.at = start
			out = append(out, t)
		case c == '\'':
			t, next, err := lexString(query, i)
			if err != nil {
				return nil, err
			}
			out, i = append(out, t), next
		default:
			n := 1
			if i+1 < len(query) {
				switch query[i : i+2] {
				case "!=", "<>", "<=", ">=":
					n = 2
				}
			}
			if n == 1 && strings.IndexByte("(),=<>:", c) < 0 {
				r, size := utf8.DecodeRuneInString(query[i:])
				if r == utf8.RuneError {
					r = '?'
				}
				_ = size
				return nil, malformed(i, "unexpected char: '%c'", r)
			}
			out = append(out, token{kind: tokenSign, text: query[i : i+n], at: i})
			i += n
		}
	}
	return append(out, token{kind: tokenEnd, at: len(query)}), nil
}

func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// lexString reads a quoted string that begins at query[start].
func lexString(query string, start int) (token, int, *queryError) {
	var text, like strings.Builder
	for i := start + 1; i < len(query); i++ {
		switch c := query[i]; c {
		case '\'':
			return token{kind: tokenString, text: text.String(), like: like.String(), at: start}, i + 1, nil
		case '\\':
			i++
			if i == len(query) {
				return token{}, 0, malformed(start, "line 1: mismatched character '<EOF>' expecting '''")
			}
			e := query[i]
			switch e {
			case 'n', 'N':
				e = '\n'
			case 'r', 'R':
				e = '\r'
			case 't', 'T':
				e = '\t'
			case 'b', 'B':
				e = '\b'
			case 'f', 'F':
				e = '\f'
			case '\'', '"':
			case '\\', '%', '_':
				like.WriteByte('\\')
			default:
				return token{}, 0, malformed(i-1, "Illegal string literal: invalid string literal '%s'. Illegal character sequence '\\%c' in string literal.", query[start:i+1], e)
			}
			text.WriteByte(e)
			like.WriteByte(e)
		default:
			text.WriteByte(c)
			like.WriteByte(c)
		}
	}
	return token{}, 0, malformed(start, "line 1: mismatched character '<EOF>' expecting '''")
}

// numberOrDate classes a word that begins with a digit or sign.
func numberOrDate(s string) (token, bool) {
	if len(s) >= 10 && s[4] == '-' {
		if len(s) == 10 {
			_, ok := parseDate(s)
			return token{kind: tokenDate, text: s}, ok
		}
		t, ok := parseDateTime(s)
		return token{kind: tokenDateTime, text: formatDateTime(t.Unix())}, ok
	}
	dot := false
	for i := 0; i < len(s); i++ {
		switch {
		case isDigit(s[i]), i == 0 && (s[i] == '-' || s[i] == '+'):
		case s[i] == '.' && !dot:
			dot = true
		default:
			return token{}, false
		}
	}
	return token{kind: tokenNumber, text: s}, true
}
