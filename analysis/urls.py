"""A trial's report."""

from django.urls import include, path

from analysis import views

report = [
    path("", views.report, name="report"),
    path("compute/", views.compute, name="report_compute"),
    path("progress/", views.progress, name="report_progress"),
    path("figure.svg", views.figure, name="report_figure"),
    path("report.pdf", views.pdf, name="report_pdf"),
    path("data.csv", views.data, name="report_data"),
    path("results.json", views.results, name="report_results"),
]

urlpatterns = [path("trials/<uuid:pk>/report/", include(report))]
