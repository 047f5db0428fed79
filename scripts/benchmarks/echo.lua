-- wrk's request: POST a body of BODY_BYTES bytes to /echo. Its quantiles are printed one a line, in microseconds.
wrk.method = "POST"
wrk.path = "/echo"
wrk.headers["Content-Type"] = "application/octet-stream"
wrk.body = string.rep("x", tonumber(os.getenv("BODY_BYTES")))

function done(summary, latency, requests)
  for _, share in pairs({ 50, 95, 99 }) do
    print(string.format("%d:%d", share, latency:percentile(share)))
  end
end
