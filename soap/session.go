package soap

import (
	"context"
	"strings"
	"time"
)

// Session is what a login yields.
type Session struct {
	// ID goes into the SessionHeader of every call.
	ID Secret
	// ServerURL is the endpoint of all further calls.
	ServerURL string
	// OrganizationID tells orgs, and a sandbox from its refreshed self, apart.
	OrganizationID ID
	UserID         ID
	// SecondsValid is the idle time after which the session ends.
	SecondsValid int
	Sandbox      bool
	// PasswordExpired is never true in a session that Client.Login returns:
	// such a session can do nothing and is refused.
	PasswordExpired bool
	User            UserInfo
}

// UserInfo is what getUserInfo says about the user and its org.
type UserInfo struct {
	UserID                  ID
	UserName                string
	FullName                string
	Email                   string
	UserType                string
	ProfileID               ID
	Language                string
	Locale                  string
	TimeZone                string
	OrganizationID          ID
	OrganizationName        string
	OrganizationHasPersons  bool // person accounts
	OrganizationIsMultiCurr bool
	// SessionSecondsValid is the idle time after which a session ends.
	SessionSecondsValid int
}

const userInfoOperation = "getUserInfo"

// userInfo is GetUserInfoResult, also part of LoginResult.
type userInfo struct {
	UserID       string `xml:"userId"`
	UserName     string `xml:"userName"`
	FullName     string `xml:"userFullName"`
	Email        string `xml:"userEmail"`
	UserType     string `xml:"userType"`
	ProfileID    string `xml:"profileId"`
	Language     string `xml:"userLanguage"`
	Locale       string `xml:"userLocale"`
	TimeZone     string `xml:"userTimeZone"`
	OrgID        string `xml:"organizationId"`
	OrgName      string `xml:"organizationName"`
	HasPersons   string `xml:"orgHasPersonAccounts"`
	MultiCurr    string `xml:"organizationMultiCurrency"`
	SecondsValid string `xml:"sessionSecondsValid"`
}

type userInfoXML struct {
	Result userInfo `xml:"result"`
}

func (u *userInfo) info() UserInfo {
	return UserInfo{
		UserID: parsedID(u.UserID), UserName: u.UserName, FullName: u.FullName, Email: u.Email,
		UserType: u.UserType, ProfileID: parsedID(u.ProfileID),
		Language: u.Language, Locale: u.Locale, TimeZone: u.TimeZone,
		OrganizationID: parsedID(u.OrgID), OrganizationName: u.OrgName,
		OrganizationHasPersons: isTrue(u.HasPersons), OrganizationIsMultiCurr: isTrue(u.MultiCurr),
		SessionSecondsValid: number(u.SecondsValid),
	}
}

// parsedID is the 18-character form where s is an id, else s as it came.
func parsedID(s string) ID {
	s = strings.TrimSpace(s)
	if id, err := ParseID(s); err == nil {
		return id
	}
	return ID(s)
}

func isTrue(s string) bool {
	s = strings.TrimSpace(s)
	return s == "true" || s == "1"
}

// UserInfo asks who the session belongs to.
func (c *Client) UserInfo(ctx context.Context) (UserInfo, error) {
	var v userInfoXML
	if _, err := c.call(ctx, &call{operation: userInfoOperation}, &v); err != nil {
		return UserInfo{}, err
	}
	return v.Result.info(), nil
}

// ServerTimestamp is the org's clock, in UTC. The local clock is no measure for
// what the org has committed.
func (c *Client) ServerTimestamp(ctx context.Context) (time.Time, error) {
	const operation = "getServerTimestamp"
	var v struct {
		Timestamp string `xml:"result>timestamp"`
	}
	if _, err := c.call(ctx, &call{operation: operation}, &v); err != nil {
		return time.Time{}, err
	}
	return replyTime(operation, v.Timestamp)
}

// replyTime reads a dateTime of a reply.
func replyTime(operation, s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, strings.TrimSpace(s))
	if err != nil {
		return time.Time{}, &CallError{Operation: operation, Problem: "the reply has no valid time", kinds: []error{ErrReply}}
	}
	return t.UTC(), nil
}
