#!/usr/bin/perl
# What Net::SIP reads of messages: one line for each that comes in, preceded by its length in eight hexadecimal digits.
# Texts are in hexadecimal; the length is the one that its connections cut the stream by.
use strict;
use warnings;
use Net::SIP;
use Net::SIP::Request;
use Net::SIP::Util qw(:all);

binmode STDIN;

sub hex_of { defined $_[0] && length $_[0] ? unpack('H*', $_[0]) : '' }

sub address {
	my ($name, $value) = @_;
	my ($uri, $parameters) = sip_hdrval2parts($name => $value);
	my ($host, $user) = sip_uri2parts($uri) or die "no address in $value\n";
	$host =~ s{:\d+$}{};
	return (hex_of($user), hex_of($host), hex_of($parameters->{tag}));
}

while (read(STDIN, my $digits, 8) == 8) {
	read(STDIN, my $text, hex($digits));
	my $line = eval {
		my ($head) = $text =~ m{\A(.*?\r\n\r\n)}s;
		my %lengths = map { $_ + 0 => 1 } $head =~ m{\n(?:l|Content-length):\s*(\d+)\s*\n}ig;
		my $packet = Net::SIP::Packet->new_from_string($text);
		my ($sequence, $method) = $packet->cseq =~ m{^(\d+)\s+(.*)};
		my ($host, $user, $start) = ('', '', $packet->is_request ? $packet->method : $packet->code . " $method");
		if ($packet->is_request) {
			($host, $user) = sip_uri2parts($packet->uri) or die "no Request-URI\n";
			$host =~ s{:\d+$}{};
		}
		my @froms = $packet->get_header('from');
		my @tos = $packet->get_header('to');
		my @routes = $packet->get_header('route');
		my @asserted = $packet->get_header('p-asserted-identity');
		join('|', hex_of($start), hex_of($user), hex_of($host), address(from => $froms[0]), address(to => $tos[0]),
			hex_of($packet->callid), $sequence, join(',', sort keys %lengths),
			scalar @froms, scalar @tos, scalar @routes, scalar @asserted);
	};
	print defined $line ? "$line\n" : 'not read: ' . ($@ =~ s{\n}{ }gr) . "\n";
}
