-- Gets one address again and again. Argument: the ETag of what is there already, or a hyphen.
function init(arguments)
  if arguments[1] ~= "-" then wrk.headers["If-None-Match"] = arguments[1] end
end

function done(summary, latency)
  io.write(string.format("RESULT %d %d %d %d %d\n", summary.requests, summary.duration,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
