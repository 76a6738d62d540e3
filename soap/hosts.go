package soap

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// hostPolicy says which hosts may see credentials and sessions.
type hostPolicy struct {
	allowed []string // lower case, host or host:port
}

func newHostPolicy(allowed []string) hostPolicy {
	p := hostPolicy{}
	for _, h := range allowed {
		p.allowed = append(p.allowed, strings.ToLower(strings.TrimSuffix(strings.TrimSpace(h), ".")))
	}
	return p
}

// check accepts https to Salesforce's own domains and to allowed hosts, and http
// to allowed hosts that are loopback addresses. what names the URL in the error.
func (p hostPolicy) check(raw, what string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Opaque != "" {
		return nil, p.fail(what+" is not a URL of the form https://host", "")
	}
	if u.User != nil {
		return nil, p.fail(what+" holds a user name or password", "leave them out of the URL")
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	listed := slices.Contains(p.allowed, host) || u.Port() != "" && slices.Contains(p.allowed, hostPort(host, u.Port()))
	switch {
	case u.Scheme == "http" && listed && isLoopback(host):
	case u.Scheme != "https":
		return nil, p.fail(what+" "+u.Scheme+"://"+oneLine(u.Host, 80)+" is not https", "http is only for allowed hosts on loopback")
	case listed:
	case isSalesforce(host) && (u.Port() == "" || u.Port() == "443"):
	default:
		return nil, p.fail(what+" names the host "+oneLine(u.Host, 80)+", which is not one of Salesforce's", "if it is right, add it to allowed_hosts")
	}
	return u, nil
}

func (p hostPolicy) fail(problem, advice string) error {
	return &CallError{Problem: problem, Advice: advice, kinds: []error{ErrHost}}
}

func hostPort(host, port string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]:" + port
	}
	return host + ":" + port
}

func isSalesforce(host string) bool {
	for _, domain := range []string{".salesforce.com", ".force.com", ".salesforce.mil"} {
		if strings.HasSuffix(host, domain) && len(host) > len(domain) {
			return true
		}
	}
	return false
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}
