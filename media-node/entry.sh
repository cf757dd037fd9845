#!/bin/sh
# Starts a media node. ANNOUNCED_ADDRESS=instance asks EC2 for the public address of the machine, which no program can see.
set -eu
if [ "${ANNOUNCED_ADDRESS:-}" = instance ]; then
  metadata=http://169.254.169.254/latest
  token=$(curl -fsS -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$metadata/api/token")
  ANNOUNCED_ADDRESS=$(curl -fsS -H "X-aws-ec2-metadata-token: $token" "$metadata/meta-data/public-ipv4")
  export ANNOUNCED_ADDRESS
fi
exec dais-media-node
