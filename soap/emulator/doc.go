// Package emulator is a Salesforce org on loopback that speaks the Partner SOAP API.
package emulator
